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

@Suite("Sign-ins", .serialized, .timeLimit(.minutes(1)))
struct SignInTests {
    private func logIn(_ rig: Rig) async throws -> WireValue {
        let answer = try await rig.send(
            "POST", "/api/v1/auth/login",
            ["email": "ada@example.org", "password": .text(Rig.password)],
            headers: [("User-Agent", "test/1")])
        #expect(answer.status == 200)
        return answer.json
    }

    private func refresh(_ rig: Rig, _ token: String) async throws -> Rig.Answer {
        try await rig.send("POST", "/api/v1/auth/refresh", ["refresh_token": .text(token)])
    }

    private func me(_ rig: Rig, _ token: WireValue?) async throws -> Int {
        try await rig.send("GET", "/api/v1/auth/me", as: try #require(token?.string)).status
    }

    @Test("a refresh token gets a new pair once, as JSON or as the OAuth 2.0 form")
    func turn() async throws {
        let rig = try await Rig()
        _ = try await rig.user()
        let first = try await logIn(rig)
        #expect(first["refresh_expires_in"]?.int == 2_592_000)
        rig.mesh.clock.advance(by: .seconds(86_400))
        #expect(try await me(rig, first["access_token"]) == 401)
        let second = try await refresh(rig, try #require(first["refresh_token"]?.string))
        #expect(second.status == 200)
        #expect(second.json["refresh_token"] != first["refresh_token"])
        #expect(try await me(rig, second.json["access_token"]) == 200)
        let token = try #require(second.json["refresh_token"]?.string)
        let third = try await rig.send(
            "POST", "/api/auth/refresh",
            headers: [("Content-Type", "application/x-www-form-urlencoded")],
            bytes: Array("grant_type=refresh_token&refresh_token=\(token)".utf8))
        #expect(third.status == 200)
        for wrong in ["", "x", "atr_", token + "x", try #require(first["access_token"]?.string)] {
            #expect(try await refresh(rig, wrong).status == 401)
        }
        let nothing = try await rig.send("POST", "/api/v1/auth/refresh")
        #expect(nothing.status == 401)
        let grant = try await rig.send(
            "POST", "/api/v1/auth/refresh",
            headers: [("Content-Type", "application/x-www-form-urlencoded")],
            bytes: Array("grant_type=password&refresh_token=\(token)".utf8))
        #expect(grant.status == 400)
    }

    @Test("a refresh token that is used again ends the sign-in for both who have it, and no other")
    func reuse() async throws {
        let rig = try await Rig()
        _ = try await rig.user()
        let (stolen, other) = (try await logIn(rig), try await logIn(rig))
        let token = try #require(stolen["refresh_token"]?.string)
        let thief = try await refresh(rig, token).json
        #expect(try await refresh(rig, token).status == 401)
        #expect(try await me(rig, thief["access_token"]) == 401)
        #expect(
            try await refresh(rig, try #require(thief["refresh_token"]?.string)).status == 401)
        #expect(try await me(rig, stolen["access_token"]) == 401)
        #expect(try await me(rig, other["access_token"]) == 200)
        let log = try await rig.send(
            "GET", "/api/v1/admin/audit?action=refresh-reuse", as: try rig.owner)
        #expect(log.json["items"]?.list.count == 1)
        #expect(log.json["items"]?[0]?["outcome"]?.string == "refused")
        #expect(log.json["items"]?[0]?["target"]?.string == "usr_ada")
        #expect(!log.text.contains("atr_"))
    }

    @Test("of many who show one refresh token at once, one gets a pair at most")
    func race() async throws {
        let rig = try await Rig()
        _ = try await rig.user()
        let token = try #require(try await logIn(rig)["refresh_token"]?.string)
        let statuses = try await withThrowingTaskGroup(of: Int.self) { group in
            for _ in 0..<8 { group.addTask { try await refresh(rig, token).status } }
            return try await group.reduce(into: []) { $0.append($1) }
        }
        #expect(statuses.filter { $0 == 200 }.count == 1)
        #expect(statuses.filter { $0 == 401 }.count == 7)
    }

    @Test("a sign-in that nobody goes on with ends with its time, and is forgotten")
    func expiry() async throws {
        let rig = try await Rig(environment: ["ATELIER_REFRESH_SECONDS": "300"])
        _ = try await rig.user()
        let first = try #require(try await logIn(rig)["refresh_token"]?.string)
        rig.mesh.clock.advance(by: .seconds(299))
        let second = try await refresh(rig, first)
        #expect(second.status == 200)
        rig.mesh.clock.advance(by: .seconds(299))
        let third = try await refresh(rig, try #require(second.json["refresh_token"]?.string))
        #expect(third.status == 200)
        rig.mesh.clock.advance(by: .seconds(300))
        let late = try #require(third.json["refresh_token"]?.string)
        #expect(try await refresh(rig, late).status == 401)
        await rig.gateway.housekeeping.sweep()
        let left = try await rig.gateway.accounts.store.database.read { db in
            try db.first("SELECT count(*) FROM refresh_token") { $0.int(0) }
        }
        #expect(left == 0)
    }

    @Test("sign-ins are listed with where and how, and each can be ended")
    func list() async throws {
        let rig = try await Rig()
        let foreign = try await rig.user("bob")
        _ = try await rig.user()
        let (here, there) = (try await logIn(rig), try await logIn(rig))
        let token = try #require(here["access_token"]?.string)
        let list = try await rig.send("GET", "/api/v1/auth/sessions", as: token)
        let items = try #require(list.json["items"]?.list)
        #expect(items.count == 2)
        #expect(items.filter { $0["is_current"]?.bool == true }.count == 1)
        #expect(items[0]["client"]?.string == "test/1")
        #expect(items[0]["method"]?.string == "password")
        #expect(items[0]["address"]?.string == "127.0.0.1")
        let other = try #require(items.first { $0["is_current"]?.bool == false }?["id"]?.string)
        let path = "/api/v1/auth/sessions/\(other)"
        #expect(try await rig.send("DELETE", path, as: foreign).status == 404)
        #expect(try await me(rig, there["access_token"]) == 200)
        #expect(try await rig.send("DELETE", path, as: token).status == 204)
        #expect(try await me(rig, there["access_token"]) == 401)
        #expect(try await me(rig, here["access_token"]) == 200)
        #expect(try await rig.send("DELETE", path, as: token).status == 404)
    }

    @Test("logging out ends the sign-in of the token, or of the refresh token, and no other")
    func logOut() async throws {
        let rig = try await Rig()
        _ = try await rig.user()
        let all = [try await logIn(rig), try await logIn(rig), try await logIn(rig)]
        let out = try await rig.send(
            "POST", "/api/v1/auth/logout", as: try #require(all[0]["access_token"]?.string))
        #expect(out.status == 204)
        let also = try await rig.send(
            "POST", "/api/v1/auth/logout",
            ["refresh_token": .text(try #require(all[1]["refresh_token"]?.string))])
        #expect(also.status == 204)
        for (session, status) in zip(all, [401, 401, 200]) {
            #expect(try await me(rig, session["access_token"]) == status)
            let answer = try await refresh(rig, try #require(session["refresh_token"]?.string))
            #expect(answer.status == status)
        }
        // Another scheme's credentials are none of ours, whatever stands there.
        let last = try #require(all[2]["access_token"]?.string)
        let digest = try await rig.send(
            "POST", "/api/v1/auth/logout", headers: [("Authorization", "Digest \(last)")])
        #expect(digest.status == 204)
        #expect(try await me(rig, all[2]["access_token"]) == 200)
        // Again, and with nothing at all, it is the same.
        for token in ["x", all[0]["access_token"]?.string ?? ""] {
            #expect(try await rig.send("POST", "/api/v1/auth/logout", as: token).status == 204)
        }
    }

    @Test("a new password and logging out everywhere end every sign-in")
    func everywhere() async throws {
        let rig = try await Rig()
        _ = try await rig.user()
        let first = try await logIn(rig)
        _ = try await rig.mesh.client(as: "admin").call(
            Gateway.SetPassword(user: "usr_ada", password: Rig.password))
        #expect(
            try await refresh(rig, try #require(first["refresh_token"]?.string)).status == 401)
        let second = try await logIn(rig)
        let out = try await rig.send(
            "POST", "/api/v1/auth/logout-everywhere",
            as: try #require(second["access_token"]?.string))
        #expect(out.status == 204)
        #expect(
            try await refresh(rig, try #require(second["refresh_token"]?.string)).status == 401)
    }

    @Test("an account's oldest sign-ins end where there are too many")
    func most() async throws {
        let rig = try await Rig()
        _ = try await rig.user()
        let accounts = rig.gateway.accounts
        let account = try #require(try await accounts.store.find(id: "usr_ada"))
        let doer = Doer(user: "", address: "", request: "")
        let first = try await accounts.open(account, method: "password", by: doer)
        for _ in 1...Accounts.mostSignIns {
            rig.mesh.clock.advance(by: .seconds(1))
            _ = try await accounts.open(account, method: "password", by: doer)
        }
        #expect(try await me(rig, .text(first.accessToken)) == 401)
        let left = try await accounts.store.signIns(
            of: account.id, now: accounts.ambient.now(), limit: 1_000)
        #expect(left.count == Accounts.mostSignIns)
    }

    @Test("the page's cookies are renewed by its refresh cookie, from our own page only")
    func page() async throws {
        let rig = try await Rig()
        _ = try await rig.user()
        let origin = ("Origin", rig.url)
        let signed = try await rig.send(
            "POST", "/api/v1/auth/session",
            ["email": "ada@example.org", "password": .text(Rig.password)], headers: [origin])
        func cookie(_ answer: Rig.Answer) throws -> (String, String) {
            let all = answer.headers.all("set-cookie")
            #expect(all.count == 2)
            #expect(all[1].contains("Path=/api/v1/auth;") && all[1].contains("HttpOnly"))
            return ("Cookie", all.map { String($0.prefix { $0 != ";" }) }.joined(separator: "; "))
        }
        let first = try cookie(signed)
        let path = "/api/v1/auth/refresh"
        #expect(try await rig.send("POST", path, headers: [first]).status == 403)
        let renewed = try await rig.send("POST", path, headers: [first, origin])
        #expect(renewed.status == 204)
        let second = try cookie(renewed)
        #expect(second.1 != first.1)
        #expect(try await rig.send("GET", "/api/v1/auth/me", headers: [second]).status == 200)
        #expect(try await rig.send("POST", path, headers: [first, origin]).status == 401)
        #expect(try await rig.send("GET", "/api/v1/auth/me", headers: [second]).status == 401)
    }
}
