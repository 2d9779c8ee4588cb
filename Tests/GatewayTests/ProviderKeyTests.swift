import Contracts
import Crypto
import Curl
import Fakes
import MeshContract
import Testing
import Testkit
import Wire

@testable import GatewayService

@Suite("Keys of one's own for providers", .serialized, .timeLimit(.minutes(1)))
struct ProviderKeyTests {
    private static let path = "/api/v1/provider-keys"

    @Test("a key goes in under its user, is listed by its end, and is forgotten")
    func life() async throws {
        let rig = try await Rig()
        let token = try await rig.user()
        let me = try #require(
            try await rig.send("GET", "/api/v1/auth/me", as: token).json["id"]?.string)
        let put = try await rig.send(
            "PUT", Self.path + "/openai", ["key": "sk-secret-1234"], as: token)
        #expect(put.status == 200 && put.json["hint"]?.string == "1234")
        #expect(rig.providers.key(of: me, for: "openai") == "sk-secret-1234")
        let post = try await rig.send(
            "POST", Self.path, ["provider": "anthropic", "key": "sk-other-5678"], as: token)
        #expect(post.status == 201)
        let list = try await rig.send("GET", Self.path, as: token)
        #expect(list.status == 200)
        #expect(!list.text.contains("secret"))
        let one = try await rig.send("GET", Self.path + "/openai", as: token)
        #expect(one.json["provider"]?.string == "openai")
        #expect(one.json["created_at"]?.string == "1970-01-01T00:00:00.000Z")
        #expect(try await rig.send("DELETE", Self.path + "/openai", as: token).status == 204)
        #expect(try await rig.send("GET", Self.path + "/openai", as: token).status == 404)
        #expect(try await rig.send("DELETE", Self.path + "/openai", as: token).status == 404)
        #expect(rig.providers.key(of: me, for: "anthropic") == "sk-other-5678")
    }

    @Test("nobody has another's keys, and nobody has any without a token")
    func others() async throws {
        let rig = try await Rig()
        let (one, two) = (try await rig.user(), try await rig.user("bob"))
        _ = try await rig.send(
            "PUT", Self.path + "/openai", ["key": "sk-secret-1234"], as: one)
        #expect(try await rig.send("GET", Self.path + "/openai", as: two).status == 404)
        #expect(try await rig.send("GET", Self.path).status == 401)
        let bad = try await rig.send(
            "PUT", Self.path + "/offline", ["key": "sk-secret-1234"], as: one)
        #expect(bad.status == 422 || bad.status == 400)
    }
}
