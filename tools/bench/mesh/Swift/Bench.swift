import EventLoop
import Glibc
import MeshContract

/// The service that the bench calls.
enum Bench: MeshService {
    static let name = "bench"
    static let contract = Contract(Bench.self, Echo.self, Burn.self, BurnElsewhere.self)
}

/// Gives back what it was sent.
struct Echo: MeshMethod {
    struct Reply: Codable, Sendable { var body: [UInt8] }

    static let name = "echo"
    static let summary = "Gives back what it was sent."
    typealias Service = Bench

    var body: [UInt8]
}

/// Keeps the service's loop busy.
struct Burn: MeshMethod {
    typealias Reply = Done
    typealias Service = Bench

    static let name = "burn"
    static let summary = "Burns time on the loop."

    var milliseconds: Int
}

/// Keeps a thread of the pool busy.
struct BurnElsewhere: MeshMethod {
    typealias Reply = Done
    typealias Service = Bench

    static let name = "burn-elsewhere"
    static let summary = "Burns time beside the loop."

    var milliseconds: Int
}

/// Uses the processor for so long.
func burn(milliseconds: Int) {
    let end = monotonic() + UInt64(milliseconds) * 1_000_000
    while monotonic() < end {}
}
