import Contracts
import Curl
import Fakes
import Mesh
import MeshContract
import Testing
import Testkit
import Wire

@testable import GatewayService

@Suite("A browser's account", .serialized, .timeLimit(.minutes(1)))
struct PageAccountTests {
    private func signIn(
        _ rig: Rig, password: String = Rig.password, origin: String? = nil
    ) async throws -> Rig.Answer {
        try await rig.send(
            "POST", "/api/v1/auth/session",
            ["email": "ada@example.org", "password": .text(password)],
            headers: [("Origin", origin ?? rig.url)])
    }

    /// The cookie as a browser sends it back.
    private func cookie(_ answer: Rig.Answer) throws -> (String, String) {
        let set = try #require(answer.headers["set-cookie"])
        return ("Cookie", String(set.prefix { $0 != ";" }))
    }

    @Test("signing in gives a cookie that no script and no other site can use")
    func session() async throws {
        let rig = try await Rig()
        _ = try await rig.user()
        let answer = try await signIn(rig)
        #expect(answer.status == 200)
        #expect(answer.json["email"]?.string == "ada@example.org")
        #expect(answer.json["access_token"] == nil)
        let set = try #require(answer.headers["set-cookie"])
        for part in ["HttpOnly", "SameSite=Strict", "Path=/api", "Max-Age=86400"] {
            #expect(set.contains(part))
        }
        #expect(!set.contains("Secure"))
        let cookie = try cookie(answer)
        let me = try await rig.send(
            "GET", "/api/v1/auth/me", headers: [("Cookie", "a=b; \(cookie.1); c=d")])
        #expect(me.json["email"]?.string == "ada@example.org")
        #expect(try await signIn(rig, password: "wrong password").status == 401)
    }

    @Test("a change with the cookie is taken from our own page only")
    func forgery() async throws {
        let rig = try await Rig(environment: ["FRONTEND_URL": "https://atelier.example/"])
        _ = try await rig.user()
        let cookie = try cookie(try await signIn(rig))
        func make(_ origin: String?, _ more: [(String, String)] = []) async throws -> Int {
            let origins = origin.map { [("Origin", $0)] } ?? []
            return try await rig.send(
                "POST", "/api/v1/sessions", Rig.session(), headers: [cookie] + origins + more
            ).status
        }
        #expect(try await make(rig.url) == 201)
        #expect(try await make("https://atelier.example") == 201)
        let host = rig.url.split(separator: ":")[1]
        for origin in [nil, "null", "https://evil.example", "http:\(host):1", "", rig.url + ".x"] {
            #expect(try await make(origin) == 403, "\(origin ?? "none")")
        }
        // A header of one's own counts for more than a cookie, also when it is wrong.
        #expect(try await make(rig.url, [("Authorization", "Bearer x")]) == 401)
        #expect(try await signIn(rig, origin: "https://evil.example").status == 403)
        let secure = try await signIn(rig, origin: "https://atelier.example")
        #expect(secure.headers["set-cookie"]?.contains("Secure") == true)
    }

    @Test("signing out ends the cookie; everywhere, every token")
    func signOut() async throws {
        let rig = try await Rig()
        let token = try await rig.user()
        let first = try cookie(try await signIn(rig))
        let origin = ("Origin", rig.url)
        let foreign = try await rig.send(
            "POST", "/api/v1/auth/logout", headers: [first, ("Origin", "https://evil.example")])
        #expect(foreign.status == 403)
        #expect(try await rig.send("GET", "/api/v1/auth/me", headers: [first]).status == 200)
        let out = try await rig.send("POST", "/api/v1/auth/logout", headers: [first, origin])
        #expect(out.status == 204)
        #expect(out.headers["set-cookie"]?.contains("Max-Age=0") == true)
        #expect(try await rig.send("GET", "/api/v1/auth/me", headers: [first]).status == 401)
        let cookie = try cookie(try await signIn(rig))
        #expect(try await rig.send("GET", "/api/v1/auth/me", as: token).status == 200)
        let all = try await rig.send(
            "POST", "/api/v1/auth/logout-everywhere", headers: [cookie, origin])
        #expect(all.status == 204)
        #expect(try await rig.send("GET", "/api/v1/auth/me", as: token).status == 401)
        #expect(try await rig.send("GET", "/api/v1/auth/me", headers: [cookie]).status == 401)
    }

    @Test("name and password are changed by who knows the present password")
    func change() async throws {
        let rig = try await Rig()
        let token = try await rig.user()
        let renamed = try await rig.send(
            "PATCH", "/api/v1/user/me", ["name": "Ada L."], as: token)
        #expect(renamed.json["name"]?.string == "Ada L.")
        let nameless = try await rig.send("PATCH", "/api/v1/user/me", ["name": ""], as: token)
        #expect(nameless.pointers == ["/name"])
        func change(_ current: String, _ new: String) async throws -> Rig.Answer {
            try await rig.send(
                "POST", "/api/v1/user/me/password",
                ["current": .text(current), "new": .text(new)], as: token)
        }
        #expect(try await change("not it at all", "another good one").pointers == ["/current"])
        #expect(try await change(Rig.password, "short").pointers == ["/new"])
        let changed = try await change(Rig.password, "another good one")
        #expect(changed.status == 200)
        #expect(try await rig.send("GET", "/api/v1/auth/me", as: token).status == 401)
        let me = try await rig.send(
            "GET", "/api/v1/auth/me", headers: [try cookie(changed)])
        #expect(me.json["name"]?.string == "Ada L.")
    }

    @Test("API keys are listed without their secrets, and end")
    func keys() async throws {
        let rig = try await Rig()
        let token = try await rig.user()
        let made = try await rig.send("POST", "/api/v1/api-keys", ["name": "ci"], as: token).json
        let key = try #require(made["key"]?.string)
        let id = try #require(made["id"]?.string)
        let list = try await rig.send("GET", "/api/v1/api-keys", as: token)
        #expect(list.json["items"]?.list.compactMap { $0["id"]?.string } == [id])
        #expect(!list.text.contains(key))
        let other = try await rig.user("bob")
        #expect(try await rig.send("DELETE", "/api/v1/api-keys/\(id)", as: other).status == 404)
        #expect(try await rig.send("GET", "/api/v1/auth/me", as: key).status == 200)
        #expect(try await rig.send("DELETE", "/api/v1/api-keys/\(id)", as: token).status == 204)
        #expect(try await rig.send("GET", "/api/v1/auth/me", as: key).status == 401)
    }

    @Test("a run is forked from one of its steps, and only a failed one is tried again")
    func fork() async throws {
        let rig = try await Rig()
        let token = try await rig.user()
        let id = try await rig.completeSession(as: token)
        let steps = try await rig.send("GET", "/api/v1/runs/\(id)/steps", as: token).json
        let step = try #require(steps["items"]?.list.last?["path"]?.string)
        let fork = try await rig.send(
            "POST", "/api/v1/runs/\(id)/fork", ["from_step": .text(step)], as: token)
        #expect(fork.status == 201, "\(fork.text)")
        #expect(fork.json["id"]?.string != id)
        let nowhere = try await rig.send(
            "POST", "/api/v1/runs/\(id)/fork", ["from_step": "nowhere"], as: token)
        #expect(nowhere.pointers == ["/from_step"])
        #expect(try await rig.send("POST", "/api/v1/runs/\(id)/retry", as: token).status == 409)
        let other = try await rig.user("bob")
        #expect(try await rig.send("GET", "/api/v1/runs/\(id)/steps", as: other).status == 404)
    }
}
