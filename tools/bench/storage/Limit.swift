import EventLoop
import Log
import Mesh
import MeshContract

/// What the mesh itself moves, with nothing done to the bytes: the floor of every figure here.
enum Limit: MeshService {
    static let name = "limit"
    static let contract = Contract(Limit.self, Take.self, Give.self)

    struct Take: MeshMethod {
        typealias Service = Limit
        typealias Reply = Done
        static let name = "take"
        static let summary = "Takes bytes and forgets them."
        var content: [UInt8]
    }

    struct Give: MeshMethod {
        typealias Service = Limit
        static let name = "give"
        static let summary = "Gives bytes."
        static let traits = MethodTraits.read
        struct Reply: Codable, Sendable { var content: [UInt8] }
        var length: Int
    }

    private static let piece = [UInt8](repeating: 7, count: 1 << 20)

    /// Listens until the process is ended.
    static func serve(at url: String) async throws {
        let server = MeshServer(Routes(contract, take, give), log: Log("bench"))
        let listening = try server.listen(at: url, on: EventLoop())
        try await Task.sleep(for: .seconds(86_400))
        await listening.stop()
    }

    @Sendable private static func take(_ request: Take, _ call: Call) async throws -> Done {
        Done()
    }

    @Sendable private static func give(
        _ request: Give, _ call: Call
    ) async throws -> Give.Reply {
        Give.Reply(content: Array(piece.prefix(request.length)))
    }
}
