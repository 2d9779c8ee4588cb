import Curl
import Fakes
import Testing
import Testkit
import Wire

@testable import GatewayService

@Suite("Limits over HTTP", .timeLimit(.minutes(1)))
struct LimitTests {
    @Test("a user is told what is left, and when to come back")
    func user() async throws {
        let rig = try await Rig(
            billing: false, environment: ["ATELIER_REQUESTS_PER_MINUTE": "3"])
        let token = try await rig.user()
        for left in ["2", "1", "0"] {
            let answer = try await rig.send("GET", "/api/v1/auth/me", as: token)
            #expect(answer.status == 200)
            #expect(answer.headers["ratelimit-limit"] == "3")
            #expect(answer.headers["ratelimit-remaining"] == left)
            #expect(answer.headers["ratelimit-policy"] == #""user";q=3;w=60"#)
            #expect(answer.headers["ratelimit"]?.hasPrefix("\"user\";r=\(left);t=") == true)
        }
        let refused = try await rig.send("GET", "/api/v1/auth/me", as: token)
        #expect(refused.status == 429 && refused.code == "limited")
        #expect(refused.headers["retry-after"] == "20")
        #expect(refused.headers["ratelimit-reset"] == "20")
        #expect(refused.headers["ratelimit-remaining"] == "0")
        #expect(refused.headers["content-type"] == "application/problem+json")
        // Others are not touched, nor is what machines ask, nor the owner of this machine.
        let other = try await rig.user("bob")
        #expect(try await rig.send("GET", "/api/v1/auth/me", as: other).status == 200)
        for _ in 0..<5 {
            let owner = try await rig.send("GET", "/api/v1/auth/me", as: try rig.owner)
            #expect(owner.status == 200 && owner.headers["ratelimit-limit"] == nil)
            #expect(try await rig.send("GET", "/health").status == 200)
        }
        rig.mesh.clock.advance(by: .seconds(20))
        #expect(try await rig.send("GET", "/api/v1/auth/me", as: token).status == 200)
        #expect(try await rig.send("GET", "/api/v1/auth/me", as: token).status == 429)
    }

    @Test("a key has its own limit within its user's")
    func key() async throws {
        let rig = try await Rig(
            billing: false, environment: ["ATELIER_KEY_REQUESTS_PER_MINUTE": "2"])
        let token = try await rig.user()
        let made = try await rig.send("POST", "/api/v1/api-keys", ["name": "k"], as: token)
        let key = try #require(made.json["key"]?.string)
        #expect(try await rig.send("GET", "/api/v1/auth/me", as: key).status == 200)
        let second = try await rig.send("GET", "/api/v1/auth/me", as: key)
        #expect(second.headers["ratelimit-policy"] == #""key";q=2;w=60"#)
        #expect(try await rig.send("GET", "/api/v1/auth/me", as: key).status == 429)
        let person = try await rig.send("GET", "/api/v1/auth/me", as: token)
        #expect(person.status == 200 && person.headers["ratelimit-limit"] == "1200")
    }

    @Test("an address is limited before anybody is known, also for wrong credentials")
    func address() async throws {
        let rig = try await Rig(
            billing: false, environment: ["ATELIER_ADDRESS_REQUESTS_PER_MINUTE": "2"])
        #expect(try await rig.send("GET", "/api/v1/runs", as: "wrong").status == 401)
        #expect(try await rig.send("GET", "/api/v1/runs").status == 401)
        let refused = try await rig.send("GET", "/api/v1/runs", as: try rig.owner)
        #expect(refused.status == 429)
        #expect(refused.headers["ratelimit-policy"] == #""address";q=2;w=60"#)
        #expect(refused.headers["x-request-id"] != nil)
    }
}
