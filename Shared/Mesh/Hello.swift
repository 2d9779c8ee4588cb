import Crypto
import MeshContract
import SP

/// What a caller states of itself: for a connection, or for one call.
struct Statement: Codable, Equatable {
    var caller: String
    /// The service it speaks to, and the start of it that it speaks to: what was said to one
    /// means nothing to another, or after a restart.
    var audience: String
    var instance: [UInt8]
    var key: String
    /// Milliseconds since 1970.
    var issued: Int64
    var expires: Int64
    var nonce: [UInt8]
    /// Of the one call that this is for; nil for a connection.
    var call: [UInt8]?

    enum CodingKeys: Int, CodingKey {
        case caller = 1
        case audience = 2
        case instance = 3
        case key = 4
        case issued = 5
        case expires = 6
        case nonce = 7
        case call = 8
    }

    /// Bytes of an instance, and of a nonce.
    static let bytes = 16
    /// How long it counts, in milliseconds; none may count longer.
    static let lasts: Int64 = 30_000
    /// How far apart two clocks may be, in milliseconds.
    static let skew: Int64 = 10_000
}

/// A statement's bytes and a signature over exactly these, so that nothing has to be written in the
/// same way twice.
struct SignedStatement: Codable, Equatable {
    var statement: [UInt8]
    var signature: [UInt8]

    enum CodingKeys: Int, CodingKey {
        case statement = 1
        case signature = 2
    }

    /// Larger ones are not read.
    static let largest = 1_024

    /// What is signed. The word in front keeps a signature from meaning something else elsewhere.
    static func signed(_ statement: [UInt8], isCall: Bool) -> [UInt8] {
        Array((isCall ? "atelier mesh call 1" : "atelier mesh hello 1").utf8) + [0] + statement
    }
}

/// The reserved method by which a connection is introduced. Without a body it asks for the instance
/// to speak to; with a signed statement it says who calls.
enum Hello {
    static let method = "hello"

    struct Reply: Codable, Equatable {
        var service: String
        var instance: [UInt8]
        /// False where the caller has yet to say who it is.
        var isKnown: Bool

        enum CodingKeys: Int, CodingKey {
            case service = 1
            case instance = 2
            case isKnown = 3
        }
    }

    /// The request's bytes.
    static func message(_ signed: SignedStatement?, from caller: String) throws(Fault) -> [UInt8] {
        let head = RequestHead(
            method: method, caller: caller, call: "hello", trace: nil,
            time: Int(Statement.lasts))
        return try head.message { bytes throws(Fault) in
            if let signed { try Envelope.append(signed, to: &bytes) }
        }
    }

    /// Digest of what a proof for one call speaks for: method, name and body, each behind its
    /// length.
    static func digest(_ head: RequestHead, _ body: Body) -> [UInt8] {
        var bytes: [UInt8] = []
        func add(_ part: some Collection<UInt8>) {
            withUnsafeBytes(of: UInt64(part.count).bigEndian) { bytes.append(contentsOf: $0) }
            bytes.append(contentsOf: part)
        }
        add(head.method.utf8)
        add(head.call.utf8)
        add(body.message[body.range])
        return SHA256.digest(bytes)
    }
}

extension MeshIdentity {
    /// A statement of ours for one instance of a service.
    func sign(
        for service: String, _ instance: [UInt8], call: [UInt8]? = nil
    ) throws(Fault) -> SignedStatement {
        let key = try key()
        let now = now()
        let statement = Statement(
            caller: name, audience: service, instance: instance, key: key.known.id, issued: now,
            expires: now + Statement.lasts, nonce: randomBytes(Statement.bytes), call: call)
        let bytes = try Envelope.encode(statement)
        let signature = key.sign(SignedStatement.signed(bytes, isCall: call != nil))
        return SignedStatement(statement: bytes, signature: signature)
    }

    /// How we introduce ourselves to a service, at the start of each connection and while it lives.
    func preface(to service: String) -> SPPreface {
        SPPreface(every: pace.hello) { [self] answer in
            do throws(Fault) {
                return try step(to: service, answer)
            } catch {
                return error.isTransient ? .later : .refused(error.message)
            }
        }
    }

    private func step(to service: String, _ answer: [UInt8]?) throws(Fault) -> SPPreface.Step {
        guard let answer else { return .ask(try Hello.message(nil, from: name)) }
        let reply = try ReplyEnvelope.read(answer).decode(Hello.Reply.self, .internal)
        if reply.isKnown { return .open }
        return .ask(try Hello.message(sign(for: service, reply.instance), from: name))
    }
}
