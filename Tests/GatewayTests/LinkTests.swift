import Contracts
import Curl
import EventLoop
import Fakes
import Mesh
import MeshContract
import REST
import Testing
import Testkit
import Wire

@testable import GatewayService

@Suite("Linking a sign-in elsewhere", .serialized, .timeLimit(.minutes(1)))
struct LinkTests {
    private static let loop = EventLoop()
    private static let start = "/api/v1/auth/oidc/start?link=1"

    private func rig() async throws -> Rig {
        let rig = try await Rig(environment: try FakeIssuer(on: Self.loop).settings)
        _ = try await rig.user()
        return rig
    }

    private func links(_ rig: Rig) async throws -> Int {
        try await rig.gateway.accounts.store.links(of: "usr_ada").count
    }

    @Test("an API key in the place of the page's token links nothing, whatever it may do")
    func keys() async throws {
        let rig = try await rig()
        let browser = Browser(rig)
        let name = "atelier_\(rig.gateway.config.port)"
        for scopes in [[.read], [.models], Set(Scope.allCases)] as [Set<Scope>] {
            browser.jar = [
                name: try await rig.gateway.accounts.makeKey(
                    for: "usr_ada", name: "k", scopes: scopes
                ).key
            ]
            #expect(try await browser.go(rig.url + Self.start).status == 403)
        }
        // Nor does a token that no sign-in stands behind: only who signs in is there in person.
        let accounts = rig.gateway.accounts
        let ada = try #require(try await accounts.store.find(id: "usr_ada"))
        browser.jar = [name: try accounts.token(for: ada)]
        #expect(try await browser.go(rig.url + Self.start).status == 403)
        browser.jar = [:]
        try await browser.signIn("ada@example.org")
        #expect(try await browser.go(try await browser.leave("?link=1")).status == 303)
        #expect(try await links(rig) == 1)
    }
}
