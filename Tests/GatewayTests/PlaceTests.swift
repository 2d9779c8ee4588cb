import Contracts
import Database
import Fakes
import HTTP
import Identity
import MeshContract
import REST
import Testing
import Testkit

@testable import GatewayService

@Suite("Places, as limits count them", .serialized, .timeLimit(.minutes(1)))
struct PlaceTests {
    /// Addresses of one customer, and one of another.
    private static let same = ["2001:db8:1:2::1", "2001:db8:1:2:aaaa::2", "2001:db8:1:2:3:4:5:6"]
    private static let other = "2001:db8:1:3::1"

    private func doer(_ address: String) -> Doer {
        Doer(user: "", address: address, request: "r")
    }

    /// How each of these ends: true for what was limited.
    private func limited(
        _ addresses: [String], _ body: (Doer, Int) async throws -> Void
    ) async throws -> [Bool] {
        var ends: [Bool] = []
        for (number, address) in addresses.enumerated() {
            do {
                try await body(doer(address), number)
                ends.append(false)
            } catch let fault as Fault {
                ends.append(fault.code == .limited)
            }
        }
        return ends
    }

    @Test("all addresses of one IPv6 customer are one place, for whatever is counted by place")
    func customers() async throws {
        let rig = try await Rig(
            billing: false,
            environment: ["ATELIER_LOGINS_PER_MINUTE": "2", "ATELIER_SIGNUPS_PER_MINUTE": "2"])
        let accounts = rig.gateway.accounts
        let all = Self.same + [Self.other]
        let expected = [false, false, true, false]
        let signUps = try await limited(all) { doer, number in
            _ = try await accounts.signUp(
                email: "\(number)@example.org", password: Rig.password, name: "N", by: doer)
        }
        #expect(signUps == expected)
        rig.mesh.clock.advance(by: .seconds(60))
        let outside = try await limited(all) { doer, number in
            let person = OutsideIdentity(issuer: "https://a.example", subject: "\(number)")
            _ = try await accounts.account(of: person, by: doer)
        }
        #expect(outside == expected)
        let logIns = try await limited(all) { doer, number in
            _ = try await accounts.logIn(email: "x\(number)@example.org", password: "x", by: doer)
        }
        #expect(logIns == expected)
        let refreshes = try await limited(all) { doer, _ in
            _ = try await accounts.refresh("atr_none", by: doer)
        }
        #expect(refreshes == expected)
    }

    @Test("a password is tried ten times a minute by one customer, however many addresses it has")
    func passwords() async throws {
        let rig = try await Rig(billing: false)
        let addresses = (1...11).map { "2001:db8:1:2::\($0)" } + [Self.other]
        let ends = try await limited(addresses) { doer, _ in
            _ = try await rig.gateway.accounts.logIn(
                email: "ada@example.org", password: "x", by: doer)
        }
        #expect(ends == Array(repeating: false, count: 10) + [true, false])
    }

    @Test("sign-ins elsewhere are begun so often by one customer, and it leaves room for others")
    func attempts() async throws {
        let rig = try await Rig(billing: false)
        let store = rig.gateway.accounts.store
        let now = rig.mesh.clock.now
        let place = Network.customer(Self.other)
        func begin(_ place: String, _ number: UInt8, at now: Int64) async throws {
            let attempt = AccountStore.Attempt(
                provider: "github", browser: [1], attempt: .make(redirect: "https://a.example"),
                returnTo: "/", endsAt: now + 600_000)
            try await store.begin(attempt, state: [number], from: place, now: now)
        }
        try await begin(place, 0, at: now)
        try await store.database.transaction { db in
            try db.run(
                """
                WITH RECURSIVE n(i) AS (SELECT 2 UNION ALL SELECT i + 1 FROM n WHERE i < $1)
                INSERT INTO sign_in_attempt SELECT
                    CAST(i AS BLOB), browser, provider, nonce, verifier, redirect, return_to,
                    account, ends_at, sign_in, place FROM sign_in_attempt, n
                """, Int64(AccountStore.mostAttemptsOfPlace))
        }
        await #expect {
            try await begin(place, 1, at: now)
        } throws: { ($0 as? Fault)?.code == .limited }
        try await begin("192.0.2.1", 2, at: now)
        // What is over does not count.
        try await begin(place, 3, at: now + 600_000)
    }

    @Test("a browser's start counts for its place")
    func starts() async throws {
        let rig = try await Rig(
            billing: false,
            environment: [
                "ATELIER_GITHUB_CLIENT_ID": "x", "ATELIER_GITHUB_CLIENT_SECRET": "y",
                "ATELIER_PUBLIC_URL": "https://a.example",
            ])
        let config = rig.gateway.config
        let endpoints = OutsideEndpoints(
            accounts: rig.gateway.accounts, cookie: PageCookie(config),
            providers: config.outside.providers(
                asking: Unasked(), now: { Double(rig.mesh.clock.now) / 1_000 }))
        let start = try #require(endpoints.all.first { $0.path == "/auth/oidc/start" })
        let addresses = (0..<61).map { "2001:db8:1:2::\($0)" } + [Self.other]
        let ends = try await limited(addresses) { doer, _ in
            let request = HTTPRequest(
                method: "GET", target: start.path, path: start.path, remote: doer.address)
            let incoming = Incoming(
                request: request, requestID: "r", parameters: [:],
                identity: Identity(user: "", role: ""), body: [])
            _ = try await start.run(incoming)
        }
        #expect(ends == Array(repeating: false, count: 60) + [true, false])
    }

    /// GitHub's people are sent off without asking anybody.
    private struct Unasked: ProviderAsking {
        func ask(_ request: ProviderRequest) async throws(Fault) -> ProviderReply {
            throw Fault(.upstream, "nobody there")
        }
    }
}
