import Curl
import Fakes
import Testing
import Wire

@testable import GatewayService

@Suite("Other makers' interfaces at the gateway")
struct ServingTests {
    @Test("whoever has no key hears it in the words of the interface")
    func noKey() async throws {
        let rig = try await Rig(billing: false)
        for path in ["chat/completions", "responses", "embeddings"] {
            let answer = try await rig.send("POST", "/v1/\(path)", ["model": "m"])
            #expect(answer.status == 401)
            #expect(answer.json["error"]?["code"]?.string == "invalid_api_key")
            #expect(answer.headers["x-should-retry"] == "false")
        }
        for path in ["messages", "messages/count_tokens"] {
            let answer = try await rig.send("POST", "/v1/\(path)", ["model": "m"])
            #expect(answer.status == 401 && answer.json["type"]?.string == "error")
            #expect(answer.json["error"]?["type"]?.string == "authentication_error")
            #expect(answer.headers["request-id"] == answer.headers["x-request-id"])
        }
    }

    @Test("an API key is taken where either maker's clients put it, and no token in its place")
    func places() async throws {
        let rig = try await Rig(billing: false)
        let owner = try rig.owner
        // The stand-in behind us promises nothing of this: what matters is who was let through.
        for headers in [[("Authorization", "Bearer \(owner)")], [("x-api-key", owner)]] {
            let answer = try await rig.send("POST", "/v1/messages", ["m": "m"], headers: headers)
            #expect(answer.status == 404, "\(answer.text)")
        }
        let token = try await rig.user()
        let answer = try await rig.send(
            "POST", "/v1/messages", ["m": "m"], headers: [("x-api-key", token)])
        #expect(answer.status == 401)
    }

    @Test("a body that is too large is refused before it is read")
    func tooLarge() async throws {
        let rig = try await Rig(billing: false)
        let body = [UInt8](repeating: 0x20, count: (15 << 20) + 1)
        let answer = try await rig.send(
            "POST", "/v1/chat/completions", as: rig.owner, bytes: body)
        #expect(answer.status == 413)
        #expect(answer.json["error"]?["code"]?.string == "request_too_large")
    }
}
