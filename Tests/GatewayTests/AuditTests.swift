import Contracts
import Curl
import Database
import Fakes
import Mesh
import MeshContract
import ServiceKit
import Testing
import Testkit
import Wire

@testable import GatewayService

@Suite("The audit log", .serialized, .timeLimit(.minutes(1)))
struct AuditTests {
    @Test("log-ins, failures, keys and passwords are told with who, where and under which id")
    func entries() async throws {
        let rig = try await Rig()
        let made = try await rig.send(
            "POST", "/api/v1/auth/register",
            [
                "email": "ada@example.org", "password": .text(Rig.password), "name": "Ada",
            ])
        let user = try #require(made.json["id"]?.string)
        for (email, password) in [
            ("ada@example.org", "a wrong one"), ("my secret word", "x"),
            ("ada@example.org", Rig.password),
        ] {
            try await rig.send(
                "POST", "/api/v1/auth/login", ["email": .text(email), "password": .text(password)],
                headers: [("X-Request-Id", "request-of-\(email.count)")])
        }
        let token = try await rig.logIn("ada@example.org")
        let key = try await rig.send("POST", "/api/v1/api-keys", ["name": "ci"], as: token).json
        let id = try #require(key["id"]?.string)
        try await rig.send("DELETE", "/api/v1/api-keys/\(id)", as: token)
        try await rig.send(
            "POST", "/api/v1/user/me/password",
            ["current": .text(Rig.password), "new": "another good one"], as: token)
        let answer = try await rig.send("GET", "/api/v1/admin/audit?limit=100", as: try rig.owner)
        let items = try #require(answer.json["items"]?.list)
        func told(_ field: String) -> [String] { items.reversed().map { $0[field]?.string ?? "-" } }
        #expect(
            told("action") == [
                "register", "log-in", "log-in", "log-in", "log-in", "key-make", "key-end",
                "password-change", "log-in",
            ])
        #expect(told("target") == [user, user, "-", user, user, id, id, user, user])
        #expect(told("actor") == [user, "", "", user, user, user, user, user, user])
        #expect(told("outcome").filter { $0 == "refused" }.count == 2)
        #expect(told("request_id")[1] == "request-of-15")
        #expect(Set(told("address")) == ["127.0.0.1"])
        for secret in ["secret word", "wrong one", Rig.password, "atl_", "another good one"] {
            #expect(!answer.text.contains(secret), "\(secret)")
        }
        #expect(try await rig.send("GET", "/api/v1/admin/audit", as: token).status == 401)
    }

    @Test("the operator rotates keys and reads the log at the command line")
    func verbs() async throws {
        let rig = try await Rig()
        let token = try await rig.user()
        let before = rig.gateway.accounts.tokens.listed
        let rotated = try await GatewayNode.keyCommand.run(rig.gateway, ["rotate"])
        #expect(rotated.lines.count == 2)
        #expect(rotated.lines[0].hasSuffix("signs"))
        #expect(rotated.lines[1].hasPrefix("\(before[0].id)  verifies until 2026-01-02T"))
        #expect(try await rig.send("GET", "/api/v1/auth/me", as: token).status == 200)
        await #expect(throws: Fault.self) {
            try await GatewayNode.keyCommand.run(rig.gateway, ["burn"])
        }
        let log = try await GatewayNode.auditCommand.run(
            rig.gateway, ["--action", "signing-key-rotate"])
        #expect(log.lines.count == 1)
        #expect(log.lines[0].contains("signing-key-rotate  operator"))
        #expect(
            try await GatewayNode.auditCommand.run(rig.gateway, ["--actor", "usr_x"]).lines.isEmpty)
    }

    @Test("it is read in pages, from the newest on, and narrowed")
    func pages() async throws {
        let rig = try await Rig()
        let log = rig.gateway.accounts.audit
        for number in 1...7 {
            await log.note(
                number.isMultiple(of: 2) ? .keyMake : .keyEnd,
                by: Doer(user: "usr_\(number % 3)", address: "", request: "r"), target: "t\(number)"
            )
        }
        func page(_ query: String) async throws -> (targets: [String], next: String?) {
            let answer = try await rig.send(
                "GET", "/api/v1/admin/audit?\(query)", as: try rig.owner)
            #expect(answer.status == 200)
            return (
                answer.json["items"]?.list.compactMap { $0["target"]?.string } ?? [],
                answer.json["next_cursor"]?.string
            )
        }
        let first = try await page("limit=3")
        #expect(first.targets == ["t7", "t6", "t5"])
        let second = try await page("limit=3&cursor=\(try #require(first.next))")
        #expect(second.targets == ["t4", "t3", "t2"])
        let last = try await page("limit=3&cursor=\(try #require(second.next))")
        #expect(last.targets == ["t1"] && last.next == nil)
        #expect(try await page("action=key-make").targets == ["t6", "t4", "t2"])
        #expect(try await page("actor=usr_1").targets == ["t7", "t4", "t1"])
        #expect(try await page("target=t3&outcome=done").targets == ["t3"])
        let wrong = try await rig.send("GET", "/api/v1/admin/audit?cursor=x", as: try rig.owner)
        #expect(wrong.status == 400)
        let token = try await rig.user()
        #expect(try await rig.send("GET", "/api/v1/admin/audit", as: token).status == 403)
    }

    @Test("nothing in it is changed, and what is forgotten is forgotten from the oldest on")
    func appendOnly() async throws {
        let rig = try await Rig(environment: [
            "ATELIER_AUDIT_DAYS": "1", "ATELIER_AUDIT_ENTRIES": "1000",
        ])
        let log = rig.gateway.accounts.audit
        for number in 1...3 {
            await log.note(.keyMake, by: .operator, target: "t\(number)")
            rig.mesh.clock.advance(by: .seconds(40_000))
        }
        let database = log.store.database
        for statement in [
            "UPDATE audit SET actor = 'x'", "DELETE FROM audit WHERE seq = 2",
            "UPDATE audit SET seq = 9 WHERE seq = 3",
        ] {
            await #expect(throws: SQLiteError.self) {
                try await database.transaction { try $0.run(statement) }
            }
        }
        await rig.gateway.housekeeping.sweep()
        let left = try await log.store.list(.init(), limit: 9)
        #expect(left.map(\.target) == ["t3", "t2"])
        for _ in 1...1_100 { await log.note(.keyEnd, by: .operator) }
        await rig.gateway.housekeeping.sweep()
        #expect(try await log.store.list(.init(), limit: 2_000).count == 1_000)
    }
}
