import Crypto
import FoundationEssentials
import MeshContract
import Testing

@testable import Identity

@Suite("Signing in at a provider")
struct SignInTests {
    private let provider = ScriptedProvider()
    private let clock = Clock()
    private let signer = Signer(id: "one")
    private let attempt = SignInAttempt.make(redirect: "https://a.example/back")
    private let tokenURL = "https://issuer.example/token"

    private func client(secret: String? = "s:ecret&", more: String = "") throws -> OpenIDClient {
        provider.answer(documentURL, json: document(more: more))
        provider.answer(keysURL, json: Signer.set(signer))
        return OpenIDClient(
            try .init(issuer: issuerURL, clientID: "client one", clientSecret: secret),
            asking: provider
        ) { [clock] in clock.now }
    }

    private func give(_ changes: [String: String] = [:]) {
        var all = ["aud": "\"client one\"", "nonce": "\"\(attempt.nonce)\""]
        all.merge(changes) { $1 }
        provider.answer(tokenURL, json: #"{"id_token":"\#(signer.sign(claims(all)))"}"#)
    }

    private func fields(_ text: String) -> [String: String] {
        Dictionary(
            text.split(separator: "&").map { pair in
                let parts = pair.split(separator: "=", maxSplits: 1).map(String.init)
                return (parts[0], parts.count > 1 ? parts[1] : "")
            }, uniquingKeysWith: { first, _ in first })
    }

    @Test("the challenge is the published one for the published verifier (RFC 7636, appendix B)")
    func challenge() {
        let published = SignInAttempt(
            state: "", nonce: "", verifier: "dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk",
            redirect: "")
        #expect(published.challenge == "E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM")
        #expect(attempt.verifier.utf8.count == 43)
        #expect(attempt != SignInAttempt.make(redirect: attempt.redirect))
    }

    @Test("a person is sent off with state, nonce and challenge, and without the verifier")
    func start() async throws {
        let url = try await client().start(attempt)
        #expect(url.hasPrefix("https://issuer.example/authorize?a=b&response_type=code&"))
        let sent = fields(String(url.split(separator: "?")[1]))
        #expect(sent["client_id"] == "client%20one")
        #expect(sent["redirect_uri"] == "https%3A%2F%2Fa.example%2Fback")
        #expect(sent["scope"] == "openid%20email%20profile")
        #expect(sent["state"] == attempt.state)
        #expect(sent["nonce"] == attempt.nonce)
        #expect(sent["code_challenge"] == attempt.challenge)
        #expect(sent["code_challenge_method"] == "S256")
        #expect(!url.contains(attempt.verifier))
    }

    @Test("a code is taken for who it is, with the verifier and our secret as the issuer wants it")
    func finish() async throws {
        give(["email": "\"ada@example.org\"", "email_verified": "true", "name": "\"Ada\""])
        let person = try await client().finish(attempt, code: "c/1", issuer: issuerURL)
        #expect(
            person
                == OutsideIdentity(
                    issuer: issuerURL, subject: "user-1", email: "ada@example.org", name: "Ada"))
        let asked = try #require(provider.asked.first { $0.url == tokenURL })
        let sent = fields(String(decoding: asked.body, as: UTF8.self))
        #expect(sent["code"] == "c%2F1")
        #expect(sent["code_verifier"] == attempt.verifier)
        #expect(sent["client_secret"] == nil)
        let basic = try #require(asked.headers.first { $0.0 == "Authorization" }?.1)
        let pair = Data(base64Encoded: String(basic.dropFirst(6)))
        #expect(pair.map { String(decoding: $0, as: UTF8.self) } == "client%20one:s%3Aecret%26")
        let post = #", "token_endpoint_auth_methods_supported":["client_secret_post"]"#
        _ = try await client(more: post).finish(attempt, code: "c", issuer: nil)
        let posted = fields(String(decoding: try #require(provider.asked.last).body, as: UTF8.self))
        #expect(posted["client_secret"] == nil || posted["client_secret"] == "s%3Aecret%26")
        #expect(
            provider.asked.contains {
                String(decoding: $0.body, as: UTF8.self).contains("client_secret=s%3Aecret%26")
            })
    }

    @Test("an e-mail address counts only where the issuer has verified it")
    func email() async throws {
        for (verified, counts) in [
            ("true", true), ("\"true\"", true), ("false", false), ("\"false\"", false), ("", false),
            ("1", false), ("null", false),
        ] {
            give(["email": "\"ada@example.org\"", "email_verified": verified])
            let person = try await client().finish(attempt, code: "c", issuer: nil)
            #expect((person.email != nil) == counts, "\(verified)")
        }
    }

    @Test("a token for another client, sign-in or issuer is not taken, nor a refused code")
    func refused() async throws {
        let client = try client()
        func isRefused(_ changes: [String: String], issuer: String? = nil) async -> Bool {
            give(changes)
            do {
                _ = try await client.finish(attempt, code: "c", issuer: issuer)
                return false
            } catch { return error.code == .unauthenticated }
        }
        #expect(await !isRefused([:]))
        #expect(await isRefused(["nonce": "\"another\""]))
        #expect(await isRefused(["nonce": ""]))
        #expect(await isRefused(["aud": "\"another\""]))
        #expect(await isRefused(["aud": #"["client one","another"]"#]))
        #expect(
            await !isRefused(["aud": #"["client one","another"]"#, "azp": "\"client one\""]))
        #expect(await isRefused(["azp": "\"another\""]))
        #expect(await isRefused(["iss": "\"https://evil.example\""]))
        #expect(await isRefused(["exp": "1"]))
        #expect(await isRefused([:], issuer: "https://evil.example"))
        provider.answer(tokenURL, json: #"{"error":"invalid_grant"}"#, status: 400)
        await #expect(throws: Fault.self) {
            try await client.finish(attempt, code: "c", issuer: nil)
        }
    }

    @Test("GitHub says who it is over its API, and only the verified first address counts")
    func gitHub() async throws {
        let client = GitHubClient(
            try .init(
                clientID: "c", clientSecret: "s", url: "https://git.example/",
                api: "https://git.example/api/v3"), asking: provider)
        let url = try await client.start(attempt)
        #expect(url.hasPrefix("https://git.example/login/oauth/authorize?client_id=c&"))
        #expect(url.contains("&code_challenge=\(attempt.challenge)&"))
        let tokens = "https://git.example/login/oauth/access_token"
        provider.answer(tokens, json: #"{"access_token":"gho_x","scope":"","token_type":"bearer"}"#)
        provider.answer(
            "https://git.example/api/v3/user", json: #"{"id":583231,"login":"ada","name":null}"#)
        let emails = "https://git.example/api/v3/user/emails"
        for (list, email) in [
            (
                #"{"email":"b@x.org","primary":false,"verified":true},"#
                    + #"{"email":"a@x.org","primary":true,"verified":true}"#, "a@x.org"
            ), (#"{"email":"a@x.org","primary":true,"verified":false}"#, nil), ("", nil),
        ] as [(String, String?)] {
            provider.answer(emails, json: "[\(list)]")
            let person = try await client.finish(attempt, code: "c", issuer: nil)
            #expect(
                person
                    == OutsideIdentity(
                        issuer: "https://git.example", subject: "583231", email: email, name: "ada")
            )
        }
        let asked = try #require(provider.asked.last)
        #expect(asked.headers.contains { $0 == ("Authorization", "Bearer gho_x") })
        #expect(asked.headers.contains { $0.0 == "User-Agent" })
        provider.answer(tokens, json: #"{"error":"bad_verification_code"}"#)
        await #expect {
            _ = try await client.finish(attempt, code: "c", issuer: nil)
        } throws: { ($0 as? Fault)?.code == .unauthenticated }
    }
}
