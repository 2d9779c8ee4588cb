import Crypto
import FoundationEssentials
import MeshContract
import Synchronization

@testable import Identity

/// What a provider would answer, by address, and what it was asked.
final class ScriptedProvider: ProviderAsking {
    private struct State {
        var answers: [String: [ProviderReply?]] = [:]
        var asked: [ProviderRequest] = []
    }

    private let state = Mutex(State())

    /// The last answer stays; nil is none at all.
    func answer(_ url: String, _ replies: ProviderReply?...) {
        state.withLock { $0.answers[url] = replies }
    }

    func answer(_ url: String, json: String, status: Int = 200) {
        answer(url, ProviderReply(status: status, body: Array(json.utf8)))
    }

    var asked: [ProviderRequest] { state.withLock { $0.asked } }

    func count(_ url: String) -> Int { asked.filter { $0.url == url }.count }

    func ask(_ request: ProviderRequest) async throws(Fault) -> ProviderReply {
        let reply = state.withLock { state -> ProviderReply? in
            state.asked.append(request)
            guard var replies = state.answers[request.url], let first = replies.first else {
                return ProviderReply(status: 404, body: [])
            }
            if replies.count > 1 { replies.removeFirst() }
            state.answers[request.url] = replies
            return first
        }
        guard let reply else { throw Fault(.upstream, "nobody there") }
        return reply
    }
}

/// An issuer with Ed25519 keys of its own.
struct Signer: Sendable {
    let id: String
    let key = Ed25519.makeKey()

    var jwk: String {
        let x = Base64URL.encode(Ed25519.publicKey(of: key) ?? [])
        return #"{"kty":"OKP","crv":"Ed25519","kid":"\#(id)","use":"sig","x":"\#(x)"}"#
    }

    func sign(_ claims: String, header: String? = nil) -> String {
        let header = header ?? #"{"alg":"EdDSA","kid":"\#(id)"}"#
        let text =
            "\(Base64URL.encode(Array(header.utf8))).\(Base64URL.encode(Array(claims.utf8)))"
        return text + "." + Base64URL.encode(Ed25519.sign(Array(text.utf8), with: key) ?? [])
    }

    static func set(_ signers: Signer...) -> String {
        #"{"keys":[\#(signers.map(\.jwk).joined(separator: ","))]}"#
    }
}

/// A clock that only the test turns, in seconds.
final class Clock: Sendable {
    private let time = Mutex(1_750_000_000.0)

    var now: Double { time.withLock { $0 } }

    func advance(_ seconds: Double) { time.withLock { $0 += seconds } }
}

let issuerURL = "https://issuer.example"
let keysURL = "https://issuer.example/keys"
let documentURL = "https://issuer.example/.well-known/openid-configuration"

func document(issuer: String = issuerURL, more: String = "") -> String {
    #"{"issuer":"\#(issuer)","jwks_uri":"\#(keysURL)","#
        + #""authorization_endpoint":"https://issuer.example/authorize?a=b","#
        + #""token_endpoint":"https://issuer.example/token"\#(more)}"#
}

/// Claims that count, with some of them others.
func claims(_ changes: [String: String] = [:], at now: Double = 1_750_000_000) -> String {
    var fields = [
        "iss": "\"\(issuerURL)\"", "sub": "\"user-1\"", "aud": "\"atelier\"",
        "exp": "\(Int(now) + 600)", "iat": "\(Int(now))",
    ]
    fields.merge(changes) { $1 }
    let kept = fields.filter { !$0.value.isEmpty }
    return "{" + kept.map { "\"\($0.key)\":\($0.value)" }.sorted().joined(separator: ",") + "}"
}
