import FoundationEssentials
import REST
import Testing

@testable import GatewayService

/// Who may do what, pinned: a route that is new, or open to somebody else, changes the table on
/// purpose or not at all.
@Suite("Who may do what", .timeLimit(.minutes(5)))
struct AccessTests {
    private typealias Actor = AccessWorld.Actor

    private static let file =
        "/" + #filePath.split(separator: "/").dropLast(2).joined(separator: "/")
        + "/Fixtures/access/routes.txt"
    private static let head = """
        # Who is kept away from what: nobody (no credentials), a stranger (another user), a member of
        # the resource's workspace, an administrator, and the one whose resource it is.
        # route | scope of an API key | nobody | stranger | member | admin | owner

        """

    @Test("every route lets in whom the table says, and keeps the others away")
    func table() async throws {
        let world = try await AccessWorld()
        var lines: [String: [Actor: String]] = [:]
        for actor in AccessWorld.actors {
            for endpoint in Self.ordered(world.rig.gateway.front.router.endpoints) {
                let name = "\(endpoint.method) \(endpoint.isRoot ? "root " : "")\(endpoint.path)"
                lines["\(name) | \(Self.scope(of: endpoint))", default: [:]][actor] =
                    try await world.outcome(of: endpoint, for: actor)
            }
        }
        let now =
            Self.head
            + lines.sorted { Self.place($0.key) < Self.place($1.key) }.map { line in
                let order: [Actor] = [.nobody, .stranger, .member, .admin, .owner]
                return ([line.key] + order.map { line.value[$0] ?? "-" }).joined(separator: " | ")
                    + "\n"
            }.joined()
        if ProcessInfo.processInfo.environment["ATELIER_ACCEPT"] == "1" {
            try now.write(toFile: Self.file, atomically: true, encoding: .utf8)
        }
        let known = (try? String(contentsOfFile: Self.file, encoding: .utf8)) ?? ""
        let (old, new) = (Self.set(known), Self.set(now))
        // Told by what differs: the two whole tables would hide it.
        let isSame = old == new
        #expect(
            isSame,
            """
            Who may do what has changed:
            \(old.subtracting(new).sorted().map { "- \($0)" }.joined(separator: "\n"))
            \(new.subtracting(old).sorted().map { "+ \($0)" }.joined(separator: "\n"))
            If that is meant: ATELIER_ACCEPT=1 swift test --filter AccessTests
            """)
        #expect(!now.contains("500"))
    }

    @Test("every route that reads a body has an example of one")
    func examples() async throws {
        let rig = try await Rig(billing: false)
        for endpoint in rig.gateway.front.router.endpoints
        where !endpoint.reference.bodyTypes.isEmpty {
            #expect(
                endpoint.reference.example != nil, "\(endpoint.method) \(endpoint.path) has none")
        }
    }

    /// What takes something away comes last, and parts before what they are parts of.
    private static func ordered(_ endpoints: [Endpoint]) -> [Endpoint] {
        endpoints.filter { $0.method != "DELETE" }
            + endpoints.filter { $0.method == "DELETE" }.sorted {
                $0.path.split(separator: "/").count > $1.path.split(separator: "/").count
            }
    }

    private static func scope(of endpoint: Endpoint) -> String {
        endpoint.access == .anyone ? "-" : endpoint.scope.rawValue
    }

    /// By path, then by method.
    private static func place(_ line: String) -> String {
        let parts = line.split(separator: " ", maxSplits: 1)
        return "\(parts.last ?? "") \(parts.first ?? "")"
    }

    private static func set(_ text: String) -> Set<Substring> {
        Set(text.split(separator: "\n").filter { !$0.hasPrefix("#") })
    }
}
