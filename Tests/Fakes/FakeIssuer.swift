public import EventLoop
import Crypto
import FoundationEssentials
import HTTP
import Synchronization

/// An OpenID provider and a GitHub in one, over real HTTP on a port of its own. Its people are always
/// signed in there, and agree to everything.
public final class FakeIssuer: Sendable {
    /// Who signs in next.
    public struct Person: Sendable {
        public var subject: String
        public var email: String
        public var isVerified: Bool
        public var name: String

        public init(
            _ subject: String, email: String, isVerified: Bool = true, name: String = "Ada L."
        ) {
            (self.subject, self.email) = (subject, email)
            (self.isVerified, self.name) = (isVerified, name)
        }
    }

    private struct Code {
        var challenge: String
        var redirect: String
        var nonce: String
        var person: Person
    }

    private struct State {
        var key = Ed25519.makeKey()
        var keyID = "first"
        var person = Person("7", email: "ada@example.org")
        var codes: [String: Code] = [:]
        var now: Int64 = 1_767_225_600
        var keyRequests = 0
    }

    private final class Book: Sendable {
        let state = Mutex(State())
    }

    public static let clientID = "atelier"
    public static let clientSecret = "a secret of the client's"

    private let book = Book()
    private let server: HTTPServer

    public init(on loop: EventLoop) throws {
        server = try HTTPServer(loops: [loop], host: "127.0.0.1", port: 0) {
            [book] request, body, writer in
            do {
                let bytes = try await body.collect(upTo: 1 << 20)
                let url = "http://\(request.headers["host"] ?? "")"
                let answer = Self.answer(request, bytes, url, book)
                let headers =
                    answer.place.map { [("Location", $0)] }
                    ?? [("Content-Type", "application/json")]
                try await writer.send(
                    status: answer.status, headers: headers, body: Array(answer.body.utf8))
            } catch {
                return  // whoever asked is gone
            }
        }
    }

    public var url: String { "http://127.0.0.1:\(server.port)" }

    /// The settings that lead a gateway here.
    public var settings: [String: String] {
        [
            "ATELIER_OIDC_ISSUER": url, "ATELIER_OIDC_CLIENT_ID": Self.clientID,
            "ATELIER_OIDC_CLIENT_SECRET": Self.clientSecret, "ATELIER_GITHUB_URL": url,
            "ATELIER_GITHUB_API_URL": "\(url)/api", "ATELIER_GITHUB_CLIENT_ID": Self.clientID,
            "ATELIER_GITHUB_CLIENT_SECRET": Self.clientSecret,
            "ATELIER_ISSUERS": #"[{"issuer":"\#(url)","audience":"an-api"}]"#,
        ]
    }

    // MARK: For the test

    public func signIn(_ person: Person) { book.state.withLock { $0.person = person } }

    public func changeKey(to id: String) {
        book.state.withLock { ($0.key, $0.keyID) = (Ed25519.makeKey(), id) }
    }

    /// How often its keys were asked for.
    public var keyRequests: Int { book.state.withLock { $0.keyRequests } }

    /// A token for an API, as its own login would give it.
    public func token(for person: Person, audience: String = "an-api", at now: Int64) -> String {
        book.state.withLock { state in
            Self.sign(person, audience: audience, nonce: nil, at: now, url, state)
        }
    }

    // MARK: How

    private struct Answer {
        var status = 200
        var body = ""
        var place: String?
    }

    private static func answer(
        _ request: HTTPRequest, _ body: [UInt8], _ url: String, _ book: Book
    ) -> Answer {
        book.state.withLock { state in
            switch request.path {
            case "/.well-known/openid-configuration":
                return Answer(
                    body: #"{"issuer":"\#(url)","jwks_uri":"\#(url)/jwks","#
                        + #""authorization_endpoint":"\#(url)/authorize","#
                        + #""token_endpoint":"\#(url)/token"}"#)
            case "/jwks":
                state.keyRequests += 1
                let x = Base64URL.encode(Ed25519.publicKey(of: state.key) ?? [])
                return Answer(
                    body: #"{"keys":[{"kty":"OKP","crv":"Ed25519","use":"sig","#
                        + #""kid":"\#(state.keyID)","x":"\#(x)"}]}"#)
            case "/authorize", "/login/oauth/authorize": return authorize(request, &state)
            case "/token":
                let secret = Data("\(clientID):\(escaped(clientSecret))".utf8).base64EncodedString()
                guard request.headers["authorization"] == "Basic \(secret)",
                    let code = take(body, &state)
                else { return Answer(status: 400, body: #"{"error":"invalid_grant"}"#) }
                let token = sign(
                    code.person, audience: clientID, nonce: code.nonce, at: state.now, url, state)
                return Answer(body: #"{"id_token":"\#(token)","access_token":"x"}"#)
            case "/login/oauth/access_token":
                guard fields(body)["client_secret"] == escaped(clientSecret),
                    let code = take(body, &state)
                else { return Answer(body: #"{"error":"bad_verification_code"}"#) }
                state.person = code.person
                return Answer(body: #"{"access_token":"gho_1","token_type":"bearer"}"#)
            case "/api/user", "/api/user/emails":
                guard request.headers["authorization"] == "Bearer gho_1" else {
                    return Answer(status: 401, body: "{}")
                }
                let person = state.person
                return Answer(
                    body: request.path == "/api/user"
                        ? #"{"id":\#(person.subject),"login":"ada","name":"\#(person.name)"}"#
                        : #"[{"email":"\#(person.email)","primary":true,"#
                            + #""verified":\#(person.isVerified)}]"#)
            default: return Answer(status: 404)
            }
        }
    }

    private static func authorize(_ request: HTTPRequest, _ state: inout State) -> Answer {
        let asked = request.queryValue
        guard let back = asked("redirect_uri"), let challenge = asked("code_challenge"),
            asked("client_id") == clientID, asked("code_challenge_method") == "S256",
            let mark = asked("state")
        else { return Answer(status: 400) }
        let code = Base64URL.encode(randomBytes(12))
        state.codes[code] = Code(
            challenge: challenge, redirect: back, nonce: asked("nonce") ?? "",
            person: state.person)
        return Answer(status: 302, place: "\(back)?code=\(code)&state=\(mark)")
    }

    /// A code counts once, for who has the verifier.
    private static func take(_ body: [UInt8], _ state: inout State) -> Code? {
        let fields = fields(body)
        guard let code = state.codes.removeValue(forKey: fields["code"] ?? ""),
            fields["redirect_uri"] == escaped(code.redirect),
            Base64URL.encode(SHA256.digest(Array((fields["code_verifier"] ?? "").utf8)))
                == code.challenge
        else { return nil }
        return code
    }

    private static func fields(_ body: [UInt8]) -> [String: String] {
        var fields: [String: String] = [:]
        for pair in String(decoding: body, as: UTF8.self).split(separator: "&") {
            let parts = pair.split(separator: "=", maxSplits: 1).map(String.init)
            fields[parts[0]] = parts.count > 1 ? parts[1] : ""
        }
        return fields
    }

    private static func escaped(_ text: String) -> String {
        text.utf8.map { byte in
            let isPlain =
                UInt8(ascii: "a")...UInt8(ascii: "z") ~= byte
                || UInt8(ascii: "A")...UInt8(ascii: "Z") ~= byte
                || UInt8(ascii: "0")...UInt8(ascii: "9") ~= byte || "-._~".utf8.contains(byte)
            let hex = String(byte, radix: 16, uppercase: true)
            return isPlain
                ? String(Unicode.Scalar(byte)) : "%" + (hex.utf8.count < 2 ? "0" : "") + hex
        }.joined()
    }

    private static func sign(
        _ person: Person, audience: String, nonce: String?, at now: Int64, _ url: String,
        _ state: State
    ) -> String {
        let header = #"{"alg":"EdDSA","kid":"\#(state.keyID)"}"#
        let claims =
            #"{"iss":"\#(url)","sub":"\#(person.subject)","aud":"\#(audience)","iat":\#(now),"#
            + #""exp":\#(now + 600),"nonce":"\#(nonce ?? "")","email":"\#(person.email)","#
            + #""email_verified":\#(person.isVerified),"name":"\#(person.name)"}"#
        let text = [header, claims].map { Base64URL.encode(Array($0.utf8)) }.joined(separator: ".")
        return text + "." + Base64URL.encode(Ed25519.sign(Array(text.utf8), with: state.key) ?? [])
    }
}
