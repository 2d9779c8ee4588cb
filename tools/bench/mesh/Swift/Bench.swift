import EventLoop
import Glibc
import MeshContract

/// The service that the bench calls.
enum Bench: MeshService {
    static let name = "bench"
    static let contract = Contract(Bench.self, Echo.self, Burn.self, BurnApart.self)
}

/// Gives back what it was sent.
struct Echo: MeshMethod {
    struct Reply: Codable, Sendable { var body: [UInt8] }

    static let name = "echo"
    static let summary = "Gives back what it was sent."
    typealias Service = Bench

    var body: [UInt8]
}

/// Keeps a thread busy.
struct Burn: MeshMethod {
    typealias Reply = Done
    typealias Service = Bench

    static let name = "burn"
    static let summary = "Burns time on a thread."

    var milliseconds: Int
    /// On Swift's own pool, instead of the loop.
    var onPool: Bool
}

/// The same, declared as what it is.
struct BurnApart: MeshMethod {
    typealias Reply = Done
    typealias Service = Bench

    static let name = "burn-apart"
    static let summary = "Burns time on a worker's thread."
    static let traits = MethodTraits.once.heavy

    var milliseconds: Int
}

/// Uses the processor for so long.
func use(milliseconds: Int) {
    let end = monotonic() + UInt64(milliseconds) * 1_000_000
    while monotonic() < end {}
}
