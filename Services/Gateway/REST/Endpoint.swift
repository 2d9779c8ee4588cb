public import HTTP
public import MeshContract

/// Who a request comes from.
public struct Identity: Sendable, Equatable {
    /// Whose rights the request has.
    public let user: String
    /// Who it really is: another than `user` where somebody acts on a run that is shared with them.
    public let person: String
    public let role: String
    /// The API key that was shown; nil for another proof.
    public let key: String?
    /// What the API key is allowed to do; nil where everything is.
    public let scopes: Set<Scope>?
    /// The sign-in that the token was made in, where it was.
    public let signIn: String?

    public init(
        user: String, role: String, key: String? = nil, scopes: Set<Scope>? = nil,
        signIn: String? = nil, person: String? = nil
    ) {
        (self.user, self.role, self.key) = (user, role, key)
        self.person = person ?? user
        (self.scopes, self.signIn) = (scopes, signIn)
    }
}

/// Who may use an endpoint.
public enum Access: Sendable, Equatable { case anyone, user, admin }

/// A request on its way to its handler: authenticated, its body read.
public struct Incoming: Sendable {
    public let request: HTTPRequest
    public let requestID: String
    public let parameters: [String: String]
    public let identity: Identity
    public let body: [UInt8]

    public init(
        request: HTTPRequest, requestID: String, parameters: [String: String],
        identity: Identity, body: [UInt8]
    ) {
        (self.request, self.requestID, self.parameters) = (request, requestID, parameters)
        (self.identity, self.body) = (identity, body)
    }

    /// A part of the path, by the name it has in the endpoint's template.
    public func parameter(_ name: String) -> String { parameters[name] ?? "" }

    /// What `Content-Type` names, in lower case and without its parameters; nil where it is absent.
    public var mediaType: String? {
        guard let type = request.headers["content-type"] else { return nil }
        return type.prefix { $0 != ";" }.filter { $0 != " " && $0 != "\t" }.lowercased()
    }

    /// A number from the query; the default when absent, `invalid` when unreadable.
    public func number(
        _ name: String, default fallback: Int, in range: ClosedRange<Int>
    ) throws(Fault) -> Int {
        guard let text = request.queryValue(name) else { return fallback }
        guard let number = Int(text), range.contains(number) else {
            throw Fault(
                .invalid, "?\(name)= takes a number from \(range.lowerBound) to \(range.upperBound)"
            )
        }
        return number
    }
}

/// A request that comes to nothing.
public struct Refused: Sendable {
    public let request: HTTPRequest
    public let requestID: String

    public init(request: HTTPRequest, requestID: String) {
        (self.request, self.requestID) = (request, requestID)
    }
}

/// What a handler answers.
public enum Answer: Sendable {
    case json(Int, any Encodable & Sendable)
    case bytes(Int, headers: [(String, String)], [UInt8])
    case empty(Int)
    /// A body that is written piece by piece; the head is sent first.
    case stream(
        status: Int = 200, headers: [(String, String)],
        @Sendable (ResponseWriter) async throws -> Void)
    /// The same without an end of its own: a server that stops does not wait for it.
    case live(
        status: Int = 200, headers: [(String, String)],
        @Sendable (ResponseWriter) async throws -> Void)
    /// The same for many at once: what goes on when the handler has returned takes no task, and
    /// little memory.
    case watched(status: Int = 200, headers: [(String, String)], any WatchedBody)
    /// A WebSocket, when the client has asked for one as RFC 6455 has it; else 426. Without options
    /// those of the configuration hold. Closed with 1000 at the end, with 1011 after a failure.
    case webSocket(
        options: WebSocketOptions? = nil, @Sendable (WebSocketSession) async throws -> Void)
}

/// A body that is written now and then, by nobody's task.
public protocol WatchedBody: Sendable {
    /// Begins with a detached writer; `ended` is called once, when nothing more will be written.
    func begin(_ writer: ResponseWriter, ended: @escaping @Sendable () -> Void)
    /// The server stops: a word of farewell is still sent.
    func stop()
}

/// One route, declared once: what dispatches the request also makes the reference.
public struct Endpoint: Sendable {
    public typealias Handler =
        nonisolated(nonsending) @Sendable (Incoming) async throws -> Answer
    public typealias Refusal = @Sendable (Fault, Refused) -> Answer

    public let method: String
    /// Such as `/runs/{id}/events`.
    public let path: String
    public let summary: String
    public let access: Access
    /// What an API key must be allowed to do here; a person signed in is allowed everything.
    public internal(set) var scope: Scope
    /// True where `Idempotency-Key` is honoured.
    public internal(set) var isKeyed: Bool
    /// True where the limits count.
    public internal(set) var isCounted = true
    public internal(set) var reference = Reference()
    /// True for a path that is not under `/api/v1`.
    public let isRoot: Bool
    /// The most bytes of a body; 0 for none.
    public let bodyLimit: Int
    public let bodyFields: [Field]
    public let replyFields: [Field]
    /// How failures are told here; nil for problem documents.
    public let refusal: Refusal?
    private let handler: Handler

    public init(
        _ method: String, _ path: String, _ summary: String, access: Access = .user,
        isRoot: Bool = false, bodyLimit: Int = 0, bodyFields: [Field] = [],
        replyFields: [Field] = [], refusal: Refusal? = nil, handler: @escaping Handler
    ) {
        (self.method, self.path, self.summary) = (method, path, summary)
        (self.access, self.isRoot, self.bodyLimit) = (access, isRoot, bodyLimit)
        scope = Scope(method: method, path: path, access: access, isRoot: isRoot)
        isKeyed = method == "POST" && access != .anyone && !isRoot
        (self.bodyFields, self.replyFields) = (bodyFields, replyFields)
        (self.refusal, self.handler) = (refusal, handler)
        if !replyFields.isEmpty { reference.types = ["application/json"] }
        if !bodyFields.isEmpty { reference.bodyTypes = ["application/json"] }
    }

    /// Runs the handler.
    public nonisolated(nonsending) func run(_ incoming: Incoming) async throws -> Answer {
        try await handler(incoming)
    }

    /// Answers a read.
    public static func get<Reply: Codable & Sendable>(
        _ path: String, _ summary: String, access: Access = .user, isRoot: Bool = false,
        _ handler:
            nonisolated(nonsending) @escaping @Sendable (Incoming) async throws -> Reply
    ) -> Endpoint {
        Endpoint(
            "GET", path, summary, access: access, isRoot: isRoot,
            replyFields: Field.tree(Reply.self)
        ) { .json(200, try await handler($0)) }
    }

    /// Takes a JSON body.
    public static func post<Body: Decodable & Sendable, Reply: Codable & Sendable>(
        _ path: String, _ summary: String, access: Access = .user, status: Int = 200,
        bodyLimit: Int = 1 << 20, _ body: Body.Type,
        _ handler: @escaping @Sendable (Body, Incoming) async throws -> Reply
    ) -> Endpoint {
        taking(
            "POST", path, summary, access: access, status: status, bodyLimit: bodyLimit, body,
            handler)
    }

    /// Puts a JSON body in the place of what is there.
    public static func put<Body: Decodable & Sendable, Reply: Codable & Sendable>(
        _ path: String, _ summary: String, access: Access = .user, bodyLimit: Int = 1 << 20,
        _ body: Body.Type,
        _ handler: @escaping @Sendable (Body, Incoming) async throws -> Reply
    ) -> Endpoint {
        taking("PUT", path, summary, access: access, bodyLimit: bodyLimit, body, handler)
    }

    /// Takes a JSON body by any method. Where it is optional, none is as good as an empty object.
    public static func taking<Body: Decodable & Sendable, Reply: Codable & Sendable>(
        _ method: String, _ path: String, _ summary: String, access: Access = .user,
        status: Int = 200, bodyLimit: Int = 1 << 20, isOptional: Bool = false, _ body: Body.Type,
        _ handler: @escaping @Sendable (Body, Incoming) async throws -> Reply
    ) -> Endpoint {
        Endpoint(
            method, path, summary, access: access, bodyLimit: bodyLimit,
            bodyFields: Field.tree(Body.self), replyFields: Field.tree(Reply.self)
        ) { incoming in
            guard incoming.mediaType ?? "application/json" == "application/json" else {
                throw Problem.wrongType("the body is application/json")
            }
            let isAbsent = isOptional && incoming.body.isEmpty
            let body = try JSONCoding.decode(
                Body.self, from: isAbsent ? Array("{}".utf8) : incoming.body)
            return .json(status, try await handler(body, incoming))
        }.changed {
            $0.reference.status = status
            $0.reference.isBodyOptional = isOptional
        }
    }

    /// Removes something; 204 when it is gone.
    public static func delete(
        _ path: String, _ summary: String, access: Access = .user,
        _ handler: @escaping @Sendable (Incoming) async throws -> Void
    ) -> Endpoint {
        Endpoint("DELETE", path, summary, access: access) {
            try await handler($0)
            return .empty(204)
        }.answers(204)
    }

    /// Acts without a body.
    public static func act<Reply: Codable & Sendable>(
        _ path: String, _ summary: String, access: Access = .user, status: Int = 200,
        _ handler:
            nonisolated(nonsending) @escaping @Sendable (Incoming) async throws -> Reply
    ) -> Endpoint {
        Endpoint(
            "POST", path, summary, access: access, bodyLimit: 4_096,
            replyFields: Field.tree(Reply.self)
        ) { .json(status, try await handler($0)) }.answers(status)
    }
}
