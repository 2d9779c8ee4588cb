import MeshContract

// The services of the soak: the same methods under several names.

enum Pair: MeshService { static let name = "pair" }
enum Far: MeshService { static let name = "far" }
enum Lone: MeshService { static let name = "lone" }
enum Steady: MeshService { static let name = "steady" }

/// Gives back what it gets.
struct Echo<Service: MeshService>: MeshMethod {
    struct Reply: Codable, Sendable {
        var number: Int
        var bytes: [UInt8]
    }

    static var name: String { "echo" }
    static var summary: String { "Gives back what it gets." }
    static var traits: MethodTraits { .read.hedged(after: .milliseconds(200)) }

    var number: Int
    var bytes: [UInt8] = []
}

/// Is never made twice.
struct Take<Service: MeshService>: MeshMethod {
    typealias Reply = Done

    static var name: String { "take" }
    static var summary: String { "Is to be done once." }

    var number: Int
}

/// Waits longer than anybody asks.
struct Hold<Service: MeshService>: MeshMethod {
    typealias Reply = Done

    static var name: String { "hold" }
    static var summary: String { "Waits for half a minute." }
    static var traits: MethodTraits { .longPoll }
}

/// Said all the time.
struct Tick<Service: MeshService>: MeshEvent {
    static var topic: String { "tick" }

    var number: Int
}
