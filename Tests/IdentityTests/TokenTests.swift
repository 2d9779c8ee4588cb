import Crypto
import FoundationEssentials
import MeshContract
import Testing

@testable import Identity

@Suite("Tokens of outside issuers")
struct TokenTests {
    private let provider = ScriptedProvider()
    private let clock = Clock()
    private let signer = Signer(id: "one")

    private func issuers(
        parties: [String] = [], audiences: [String] = ["atelier"],
        algorithms: Set<PublicKey.Algorithm> = Set(PublicKey.Algorithm.allCases)
    ) throws -> OutsideIssuers {
        provider.answer(documentURL, json: document())
        provider.answer(keysURL, json: Signer.set(signer))
        let settings = try IssuerSettings(
            issuer: issuerURL, audiences: audiences, parties: parties, algorithms: algorithms)
        return OutsideIssuers([settings], asking: provider) { [clock] in clock.now }
    }

    private func verify(_ token: String, _ issuers: OutsideIssuers) async throws -> OutsideIdentity
    {
        try await issuers.verify(try #require(UnverifiedJWT(token)))
    }

    /// Why a token was refused; nil where it counted.
    private func refusal(_ token: String, _ issuers: OutsideIssuers) async throws -> String? {
        do {
            _ = try await verify(token, issuers)
            return nil
        } catch let fault as Fault {
            #expect(fault.code == .unauthenticated)
            return fault.detail ?? ""
        }
    }

    private struct Recorded: Decodable {
        struct Case: Decodable {
            var name: String
            var token: String
            var counts: Bool
        }
        var tokens: [Case]
    }

    @Test("what PyJWT signed with RS256, ES256 and EdDSA counts; confused algorithms do not")
    func recorded() async throws {
        let file =
            "/" + #filePath.split(separator: "/").dropLast(2).joined(separator: "/")
            + "/Fixtures/jwt/recorded.json"
        let bytes = try Data(contentsOf: URL(filePath: file))
        let cases = try JSONDecoder().decode(Recorded.self, from: bytes).tokens
        #expect(cases.count >= 12)
        let issuers = try issuers()
        provider.answer(keysURL, ProviderReply(status: 200, body: Array(bytes)))
        for one in cases {
            guard let token = UnverifiedJWT(one.token) else {
                #expect(!one.counts, "\(one.name)")
                continue
            }
            let counts = (try? await issuers.verify(token)) != nil
            #expect(counts == one.counts, "\(one.name)")
        }
        let whole = try await verify(try #require(cases.first { $0.counts }).token, issuers)
        #expect(whole.subject == "user-1")
        #expect(whole.email == "ada@example.org")
    }

    @Test("issuer, audience and times are judged, the times with a minute for clocks that differ")
    func judged() async throws {
        let issuers = try issuers()
        let now = Int(clock.now)
        let cases: [(changes: [String: String], why: String?)] = [
            ([:], nil), (["aud": #"["x","atelier"]"#], nil),
            (["aud": #""x""#], "for another audience"),
            (["aud": ""], "for another audience"), (["exp": "\(now - 59)"], nil),
            (["exp": "\(now - 60)"], "expired"), (["nbf": "\(now + 60)"], nil),
            (["nbf": "\(now + 61)"], "not yet valid"), (["iat": "\(now + 60)"], nil),
            (["iat": "\(now + 61)"], "issued in the future"), (["exp": "\(now).5"], nil),
            (["sub": "\"\""], "no subject"),
            (["sub": "\"\(String(repeating: "x", count: 256))\""], "no subject"),
            (["iss": "\"https://issuer.example/\""], "no issuer of ours"),
            (["iss": ""], "no issuer of ours"),
        ]
        for (changes, why) in cases {
            #expect(
                try await refusal(signer.sign(claims(changes)), issuers) == why, "\(changes)")
        }
        // Without an end, or with one that is no number, it is no token of ours to read.
        for end in ["", "\"never\"", "null"] {
            #expect(try await refusal(signer.sign(claims(["exp": end])), issuers) != nil)
        }
    }

    @Test("a token of Clerk's counts for the pages it names and no others")
    func parties() async throws {
        let issuers = try issuers(parties: ["https://app.example"], audiences: [])
        let page = ["azp": #""https://app.example""#, "aud": ""]
        #expect(try await refusal(signer.sign(claims(page)), issuers) == nil)
        for azp in ["", #""https://evil.example""#, #""https://app.example.evil""#] {
            let token = signer.sign(claims(["azp": azp, "aud": ""]))
            #expect(try await refusal(token, issuers) == "for another party")
        }
    }

    @Test("only the issuer's allowed algorithms count, and only the key's own")
    func algorithms() async throws {
        let strict = try issuers(algorithms: [.rs256])
        #expect(
            try await refusal(signer.sign(claims()), strict) == "an algorithm that is not taken")
        let issuers = try issuers()
        for algorithm in ["HS256", "none", "RS256", "ES256", "eddsa", "ES256K"] {
            let token = signer.sign(
                claims(), header: #"{"alg":"\#(algorithm)","kid":"one"}"#)
            #expect(try await refusal(token, issuers) != nil, "\(algorithm)")
        }
        let other = Signer(id: "one")
        #expect(try await refusal(other.sign(claims()), issuers) != nil)
        #expect(
            try await refusal(signer.sign(claims(), header: #"{"alg":"EdDSA"}"#), issuers) == nil)
    }

    @Test("keys are kept, fetched again when they are old, and for an unknown one now and then")
    func keeping() async throws {
        let issuers = try issuers()
        let next = Signer(id: "two")
        for _ in 1...5 { #expect(try await refusal(signer.sign(claims()), issuers) == nil) }
        #expect(provider.count(keysURL) == 1)
        // The issuer changes its key: at once a look, then none for a while.
        provider.answer(keysURL, json: Signer.set(next))
        clock.advance(30)
        #expect(try await refusal(next.sign(claims()), issuers) == nil)
        #expect(provider.count(keysURL) == 2)
        #expect(try await refusal(signer.sign(claims()), issuers) != nil)
        for number in 1...20 {
            _ = try await refusal(Signer(id: "\(number)").sign(claims()), issuers)
        }
        #expect(provider.count(keysURL) == 2)
        clock.advance(30)
        _ = try await refusal(signer.sign(claims()), issuers)
        #expect(provider.count(keysURL) == 3)
        clock.advance(599)
        _ = try await refusal(next.sign(claims(at: clock.now)), issuers)
        #expect(provider.count(keysURL) == 3)
        clock.advance(1)
        _ = try await refusal(next.sign(claims(at: clock.now)), issuers)
        #expect(provider.count(keysURL) == 4)
    }

    @Test("an issuer that is away locks nobody out whose key is known; else it is told as such")
    func away() async throws {
        let issuers = try issuers()
        provider.answer(keysURL, nil)
        await #expect {
            _ = try await verify(signer.sign(claims()), issuers)
        } throws: { ($0 as? Fault)?.code == .unavailable }
        let first = provider.asked.count
        _ = try? await verify(signer.sign(claims()), issuers)
        #expect(provider.asked.count == first)
        clock.advance(5)
        provider.answer(keysURL, json: Signer.set(signer))
        #expect(try await refusal(signer.sign(claims()), issuers) == nil)
        clock.advance(3_600)
        for broken in ["", "{", #"{"keys":7}"#] {
            provider.answer(keysURL, json: broken)
            clock.advance(5)
            #expect(try await refusal(signer.sign(claims(at: clock.now)), issuers) == nil)
        }
        provider.answer(keysURL, json: "", status: 500)
        clock.advance(5)
        #expect(try await refusal(signer.sign(claims(at: clock.now)), issuers) == nil)
    }

    @Test("many tokens at once lead to one look at the keys")
    func together() async throws {
        let issuers = try issuers()
        let token = signer.sign(claims())
        try await withThrowingTaskGroup(of: Void.self) { group in
            for _ in 0..<50 { group.addTask { _ = try await verify(token, issuers) } }
            try await group.waitForAll()
        }
        #expect(provider.count(keysURL) == 1)
    }

    @Test("another issuer's document, and one that leads away from https, are not taken")
    func documents() async throws {
        for text in [
            document(issuer: "https://evil.example"),
            document().replacing(keysURL, with: "http://issuer.example/keys"),
            document().replacing("https://issuer.example/token", with: "http://10.0.0.1/token"),
            "{}", "nothing",
        ] {
            let issuers = try issuers()
            provider.answer(documentURL, json: text)
            await #expect {
                _ = try await verify(signer.sign(claims()), issuers)
            } throws: { ($0 as? Fault)?.code == .unavailable }
        }
    }

    @Test("keys of other kinds and uses are passed over, and spoil no other one")
    func sets() throws {
        let text = """
            {"keys":[{"kty":"oct","k":"AAAA","kid":"a"},{"kid":7},{},[],
            {"kty":"OKP","crv":"X25519","x":"AA","kid":"b"},
            \(signer.jwk.replacing("\"sig\"", with: "\"enc\"").replacing("one", with: "c")),
            \(signer.jwk.replacing("\"use\"", with: "\"alg\":\"RS256\",\"use\"").replacing("one", with: "d")),
            \(signer.jwk.replacing("\"use\"", with: "\"key_ops\":[\"sign\"],\"use\"").replacing("one", with: "e")),
            \(signer.jwk)]}
            """
        let set = try #require(JWKSet(Array(text.utf8)))
        #expect(set.keys.map(\.id) == ["one"])
        #expect(JWKSet(Array("[]".utf8)) == nil)
    }

    @Test("an issuer is https, for us, and named in one of two ways")
    func settings() throws {
        let list = try IssuerSettings.list(
            """
            [{"issuer":"https://a.example","audience":"x","jwks_url":"https://k.example/jwks"},
            {"issuer":"http://127.0.0.1:9","audience":["x","y"],"azp":"https://p.example",
            "algorithms":["ES256"]}]
            """)
        #expect(list[0].keysURL == "https://k.example/jwks")
        #expect(list[1].audiences == ["x", "y"])
        #expect(list[1].parties == ["https://p.example"])
        #expect(list[1].algorithms == [.es256])
        let plain = try IssuerSettings.list("https://a.example, https://b.example", audience: "x")
        #expect(plain.map(\.issuer) == ["https://a.example", "https://b.example"])
        for wrong in [
            "https://a.example", #"[{"issuer":"https://a.example"}]"#, "[{}]", "[",
            #"[{"issuer":"http://a.example","audience":"x"}]"#,
            #"[{"issuer":"http://127.0.0.1.evil.example","audience":"x"}]"#,
            #"[{"issuer":"http://127.0.0.1@evil.example","audience":"x"}]"#,
            #"[{"issuer":"https://a.example","audience":"x","jwks_url":"http://b.example"}]"#,
            #"[{"issuer":"https://a.example","audience":"x","algorithms":["HS256"]}]"#,
            #"[{"issuer":"https://a.example","audience":"x","algorithms":[]}]"#,
        ] {
            #expect(throws: Fault.self, "\(wrong)") { try IssuerSettings.list(wrong) }
        }
    }
}
