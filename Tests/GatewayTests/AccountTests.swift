import Contracts
import Curl
import Fakes
import Mesh
import MeshContract
import ServiceKit
import Testing
import Testkit
import Wire

@testable import GatewayService

@Suite("Accounts over HTTP", .serialized, .timeLimit(.minutes(1)))
struct AccountTests {
    @Test("who registers can log in, with JSON or the OAuth 2.0 form, and is who they are")
    func register() async throws {
        let rig = try await Rig()
        let made = try await rig.send(
            "POST", "/api/v1/auth/register",
            [
                "email": " Ada@Example.org ", "password": .text(Rig.password),
                "full_name": "Ada L.",
            ])
        #expect(made.status == 201)
        #expect(made.json["email"]?.string == "ada@example.org")
        #expect(made.json["name"]?.string == "Ada L.")
        #expect(made.json["role"]?.string == "user")
        #expect(made.json["created_at"]?.string == "2026-01-01T00:00:00.000Z")
        #expect(!made.text.contains("scrypt"))
        let json = try await rig.send(
            "POST", "/api/auth/login",
            ["email": "ADA@example.org", "password": .text(Rig.password)])
        #expect(json.status == 200)
        #expect(json.json["token_type"]?.string == "bearer")
        #expect(json.json["expires_in"]?.int == 86_400)
        let form = try await rig.send(
            "POST", "/api/v1/auth/login",
            headers: [("Content-Type", "application/x-www-form-urlencoded; charset=utf-8")],
            bytes: Array(
                "grant_type=password&username=ada%40example.org&password=correct+horse%20battery"
                    .utf8))
        #expect(form.status == 200)
        for answer in [json, form] {
            let token = try #require(answer.json["access_token"]?.string)
            for path in ["/auth/me", "/user/me"] {
                let me = try await rig.send("GET", "/api/v1" + path, as: token)
                #expect(me.status == 200)
                #expect(me.json["id"] == made.json["id"])
            }
        }
        // Billing knows the account.
        let status = try await rig.send(
            "GET", "/api/v1/billing/status", as: json.json["access_token"]?.string)
        #expect(status.json["credits"]?["available"]?.number == 100)
        #expect(status.json["plan"]?.string == "free")
        let again = try await rig.send(
            "POST", "/api/v1/auth/register",
            ["email": "ada@example.ORG", "password": .text(Rig.password), "name": "Other"])
        #expect(again.status == 409)
    }

    @Test("an account that cannot be is refused, every field at once")
    func refused() async throws {
        let rig = try await Rig()
        func pointers(_ body: WireValue) async throws -> [String] {
            let answer = try await rig.send("POST", "/api/v1/auth/register", body)
            #expect(answer.status == 400)
            #expect(answer.headers["content-type"] == "application/problem+json")
            return answer.pointers
        }
        #expect(
            try await pointers(["email": "x", "password": "short", "name": ""])
                == ["/email", "/password", "/name"])
        #expect(
            try await pointers(["email": "a@b.c", "password": .text(Rig.password)]) == ["/name"])
        #expect(try await pointers(["password": .text(Rig.password)]) == ["/email"])
        #expect(try await pointers(["email": 7, "password": "x"]) == ["/email"])
        #expect(
            try await pointers([
                "email": "a@b@c", "password": .text(String(repeating: "x", count: 1_025)),
                "name": "a\u{7}b",
            ]) == ["/email", "/password", "/name"])
        #expect(
            try await rig.mesh.client(as: "admin").call(Gateway.ListUsers(limit: 9)).users.count
                == 1)
    }

    @Test("a wrong password and an unknown address get the same answer")
    func wrongPassword() async throws {
        let rig = try await Rig()
        _ = try await rig.user()
        let id = [("X-Request-Id", "the-same-one")]
        let wrong = try await rig.send(
            "POST", "/api/v1/auth/login", ["email": "ada@example.org", "password": "wrong"],
            headers: id)
        let unknown = try await rig.send(
            "POST", "/api/v1/auth/login", ["email": "bob@example.org", "password": "wrong"],
            headers: id)
        #expect(wrong.status == 401)
        #expect(unknown.status == 401)
        #expect(wrong.body == unknown.body)
        #expect(wrong.headers["www-authenticate"] == "Bearer")
    }

    @Test("log-ins are read as JSON or form, and nothing else")
    func loginBodies() async throws {
        let rig = try await Rig()
        func status(_ type: String, _ body: String) async throws -> Int {
            try await rig.send(
                "POST", "/api/v1/auth/login", headers: [("Content-Type", type)],
                bytes: Array(body.utf8)
            ).status
        }
        #expect(try await status("text/plain", "x") == 415)
        #expect(try await status("application/jsonp", "{}") == 415)
        #expect(try await status("application/json", "{}") == 400)
        #expect(try await status("application/json", "") == 400)
        #expect(try await status("application/x-www-form-urlencoded", "username=a") == 400)
        #expect(try await status("application/x-www-form-urlencoded", "&&=&%") == 400)
    }

    @Test("after ten wrong tries in a minute the next are refused, with the time to wait")
    func limiter() async throws {
        let rig = try await Rig()
        let token = try await rig.user()
        func attempt(_ email: String, _ password: String) async throws -> Rig.Answer {
            try await rig.send(
                "POST", "/api/v1/auth/login",
                ["email": .text(email), "password": .text(password)])
        }
        // The right ones do not count.
        for _ in 1...3 { _ = try await rig.logIn("ada@example.org") }
        for _ in 1...10 { #expect(try await attempt("ada@example.org", "wrong").status == 401) }
        rig.mesh.clock.advance(by: .seconds(20))
        let refused = try await attempt("ada@example.org", Rig.password)
        #expect(refused.status == 429)
        #expect(refused.code == "limited")
        #expect(refused.headers["retry-after"] == "40")
        #expect(refused.headers["ratelimit-limit"] == "10")
        #expect(refused.headers["ratelimit-remaining"] == "0")
        #expect(try await attempt("ADA@example.org ", Rig.password).status == 429)
        #expect(try await attempt("bob@example.org", "wrong").status == 401)
        #expect(try await rig.send("GET", "/api/v1/auth/me", as: token).status == 200)
        rig.mesh.clock.advance(by: .seconds(40))
        #expect(try await attempt("ada@example.org", Rig.password).status == 200)
    }

    @Test("one account is not tried from many places without end")
    func targets() async throws {
        let rig = try await Rig(environment: ["ATELIER_LOGINS_PER_MINUTE": "1000"])
        _ = try await rig.user()
        let accounts = rig.gateway.accounts
        let now = accounts.ambient.now()
        // As if from a hundred places: hashing is not what is tried here.
        for _ in 1...100 { try accounts.targets.admit("ada@example.org", now: now) }
        func attempt(_ email: String) async throws -> Int {
            try await rig.send(
                "POST", "/api/v1/auth/login",
                ["email": .text(email), "password": .text(Rig.password)]
            ).status
        }
        #expect(try await attempt("Ada@example.org") == 429)
        #expect(try await attempt("bob@example.org") == 401)
        rig.mesh.clock.advance(by: .seconds(60))
        #expect(try await attempt("ada@example.org") == 200)
    }

    @Test("registering and trying many addresses are limited by the place they come from")
    func places() async throws {
        let rig = try await Rig(environment: [
            "ATELIER_LOGINS_PER_MINUTE": "3", "ATELIER_SIGNUPS_PER_MINUTE": "1",
        ])
        for number in 1...2 {
            let answer = try await rig.send(
                "POST", "/api/v1/auth/register",
                [
                    "email": .text("\(number)@example.org"), "password": .text(Rig.password),
                    "name": "N",
                ])
            #expect(answer.status == (number == 1 ? 201 : 429))
        }
        for number in 1...4 {
            let answer = try await rig.send(
                "POST", "/api/v1/auth/login",
                ["email": .text("x\(number)@example.org"), "password": "wrong"])
            #expect(answer.status == (number < 4 ? 401 : 429))
        }
    }

    @Test("the limiter's table is bounded, and filling it frees nobody who is refused")
    func limiterTable() throws {
        let limiter = AttemptLimiter("log in", perMinute: 2)
        func isRefused(_ key: String, at now: Int64) -> Bool {
            do {
                try limiter.admit(key, now: now)
                return false
            } catch { return true }
        }
        for _ in 1...2 { #expect(!isRefused("victim", at: 30_000)) }
        for number in 0..<9_999 { _ = isRefused("\(number)", at: 20_000) }
        for number in 0..<4_000 { _ = isRefused("more \(number)", at: 30_000) }
        #expect(isRefused("victim", at: 30_001))
        let long = String(repeating: "x", count: 10_000)
        for _ in 1...2 { #expect(!isRefused(long, at: 0)) }
        #expect(isRefused(long + "y", at: 1))
        // A clock that was set back locks nobody out.
        #expect(!isRefused("back", at: 100_000) && !isRefused("back", at: 100_000))
        #expect(isRefused("back", at: 100_000) && !isRefused("back", at: 5_000))
    }

    @Test("an instance that is full takes nobody, and says so")
    func full() async throws {
        let rig = try await Rig(environment: ["ATELIER_MAX_USERS": "2"])
        _ = try await rig.user("one")
        let answer = try await rig.send(
            "POST", "/api/v1/auth/register",
            ["email": "two@example.org", "password": .text(Rig.password), "name": "Two"])
        #expect(answer.status == 403)
        #expect(answer.code == "capped")
        #expect(answer.text.contains("2 users"))
    }

    @Test("administrators make accounts of known plans and roles, and tokens for them")
    func administration() async throws {
        let rig = try await Rig()
        let admin = rig.mesh.client(as: "admin")
        func create(role: String, plan: String) async throws -> Gateway.User {
            try await admin.call(
                Gateway.CreateUser(
                    email: "\(role)-\(plan)@example.org", password: Rig.password,
                    displayName: "N", role: role, plan: plan))
        }
        let user = try await create(role: "user", plan: "pro")
        for (role, plan) in [("boss", "free"), ("user", "gold")] {
            await #expect(throws: Fault.self) { try await create(role: role, plan: plan) }
        }
        let token = try await admin.call(Gateway.IssueToken(user: user.id))
        let status = try await rig.send(
            "GET", "/api/v1/billing/status", as: token.accessToken)
        #expect(status.json["plan"]?.string == "pro")
        #expect(status.json["credits"]?["unlimited"]?.bool == true)
        await #expect(throws: Fault.self) {
            try await rig.mesh.client(as: "sandbox").call(Gateway.IssueToken(user: user.id))
        }
    }

    @Test("a secret that could be guessed is refused at the start")
    func shortSecret() {
        #expect(throws: Fault.self) {
            try GatewayConfig(Settings(environment: ["SECRET_KEY": "secret"]))
        }
    }

    @Test("an account that billing did not hear of is opened when billing is there")
    func lateBilling() async throws {
        let rig = try await Rig(billing: false)
        let token = try await rig.user()
        let refused = try await rig.send("POST", "/api/v1/sessions", Rig.session(), as: token)
        #expect(refused.status == 503)
        #expect(refused.headers["retry-after"] != nil)
        try await rig.startBilling()
        let id = try await rig.makeSession(as: token)
        #expect(!id.isEmpty)
        await rig.gateway.opening.sweep()
        #expect(try await rig.gateway.accounts.store.unopened(limit: 9).isEmpty)
    }
}
