import Contracts
import Curl
import Database
import Identity
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

    @Test("what was begun ends with the sign-in that it was begun in")
    func ends() async throws {
        let rig = try await rig()
        let (admin, owner) = (rig.mesh.client(as: "admin"), try rig.owner)
        func isDisabled(_ value: Bool) async throws {
            let path = "/api/v1/admin/users/usr_ada"
            let answer = try await rig.send(
                "PATCH", path, ["disabled": .bool(value)], as: owner)
            #expect(answer.status == 200, "\(answer.text)")
        }
        for way in ["everywhere", "password", "disabled", "here"] {
            let (browser, thief) = (Browser(rig), Browser(rig))
            try await thief.signIn("ada@example.org")
            try await browser.signIn("ada@example.org")
            let back = try await thief.leave("?link=1")
            switch way {
            case "everywhere":
                try await browser.go(rig.url + "/api/v1/auth/logout-everywhere", "POST")
            case "password":
                _ = try await admin.call(
                    Gateway.SetPassword(user: "usr_ada", password: Rig.password))
            case "disabled":
                try await isDisabled(true)
                try await isDisabled(false)
            default: try await thief.go(rig.url + "/api/v1/auth/logout", "POST")
            }
            #expect(try await thief.go(back).status == 400, "\(way)")
            #expect(try await links(rig) == 0, "\(way)")
        }
    }

    @Test("a disabled account is linked to nothing, though its person is on the way back")
    func disabled() async throws {
        let rig = try await rig()
        let browser = Browser(rig)
        try await browser.signIn("ada@example.org")
        let back = try await browser.leave("?link=1")
        try await rig.gateway.accounts.store.database.transaction { db in
            try db.run("UPDATE account SET is_disabled = 1 WHERE id = 'usr_ada'")
        }
        #expect(try await browser.go(back).status == 403)
        #expect(try await links(rig) == 0)
    }

    @Test("nor is one whose sign-in ends while the provider is asked who it is")
    func late() async throws {
        let rig = try await rig()
        let (accounts, doer) = (rig.gateway.accounts, Doer.operator)
        let ada = try #require(try await accounts.store.find(id: "usr_ada"))
        let signIn = try await accounts.open(ada, method: "password", by: doer).signIn
        let other = try await accounts.open(ada, method: "password", by: doer).signIn
        #expect(try await accounts.end(signIn: signIn, of: ada.id, by: doer))
        let person = OutsideIdentity(issuer: "https://a.example", subject: "1")
        await #expect {
            try await accounts.link(person, by: .init(account: ada.id, signIn: signIn), as: doer)
        } throws: { ($0 as? Fault)?.code == .invalid }
        #expect(try await links(rig) == 0)
        _ = try await accounts.link(person, by: .init(account: ada.id, signIn: other), as: doer)
        #expect(try await links(rig) == 1)
    }
}
