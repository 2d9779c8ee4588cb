import Contracts
import HTTP
import Mesh
import MeshContract
import REST

/// The interfaces of OpenAI and Anthropic, for outside clients: requests and answers are passed on as
/// they are. What they say is the providers service's to read and write.
struct ServingEndpoints: Sendable {
    /// A mesh message holds no more, and the rest of the message has to fit.
    private static let largestBody = 15 << 20
    /// A whole answer can take so long.
    private static let longest = Duration.seconds(600)
    /// What matters of a request beside its body.
    private static let fields = [
        "anthropic-version", "anthropic-beta", "idempotency-key", "openai-project",
    ]

    private static let examples = [
        "chat": #"{"model": "offline", "messages": [{"role": "user", "content": "Hello"}]}"#,
        "responses": #"{"model": "offline", "input": "Hello"}"#,
        "embeddings": #"{"model": "offline", "input": ["Hello"]}"#,
        "messages": """
        {"model": "offline", "max_tokens": 64, "messages": [{"role": "user", "content": "Hi"}]}
        """,
        "count-tokens": #"{"model": "offline", "messages": [{"role": "user", "content": "Hi"}]}"#,
    ]

    private static let stopping = Fault(
        .unavailable, "the server stops; ask again", retryAfterMilliseconds: 1_000)

    let mesh: MeshClient
    let closing: Closing

    var all: [Endpoint] {
        [
            post("/v1/chat/completions", .chat, "Answers as OpenAI's chat completions do"),
            post("/v1/responses", .responses, "Answers as OpenAI's responses do"),
            post("/v1/embeddings", .embeddings, "Answers as OpenAI's embeddings do"),
            post("/v1/messages", .messages, "Answers as Anthropic's messages do"),
            post(
                "/v1/messages/count_tokens", .countTokens, "Counts as Anthropic's count_tokens does"
            ),
            get("/v1/models", "Lists the models, as OpenAI or Anthropic does"),
            get("/v1/models/{model}", "Shows a model, as OpenAI or Anthropic does"),
            get("/v1/models/{model}/{name}", "Shows a model that is named with its provider"),
        ]
    }

    private func post(
        _ path: String, _ interface: Providers.Interface, _ summary: String
    ) -> Endpoint {
        let form = ServedRefusal(interface)
        return Endpoint(
            "POST", path, summary, isRoot: true, bodyLimit: Self.largestBody,
            refusal: { form.answer($0, $1.requestID) }
        ) { try await serve(interface, form, $0) }
        .reads("application/json").answers(200, "application/json", "text/event-stream")
        .example(Self.examples[interface.rawValue] ?? "{}")
    }

    private func get(_ path: String, _ summary: String) -> Endpoint {
        Endpoint(
            "GET", path, summary, isRoot: true,
            refusal: { fault, refused in
                let isAnthropic = refused.request.headers["anthropic-version"] != nil
                return ServedRefusal(isAnthropic ? .messages : .models)
                    .answer(fault, refused.requestID)
            }
        ) { try await serve(.models, ServedRefusal(.models), $0) }
        .answers(200, "application/json")
        .takes(
            .header("anthropic-version", "Answers as Anthropic does where it is sent"),
            .text("after_id", "Anthropic's cursor"),
            .text("limit", "Anthropic's number; what is none is passed over"))
    }

    private func serve(
        _ interface: Providers.Interface, _ form: ServedRefusal, _ incoming: Incoming
    ) async throws -> Answer {
        let answer = try await mesh.call(
            Providers.Serve(
                interface: interface, user: incoming.identity.user,
                apiKeyID: incoming.identity.key, fields: Self.fields(of: incoming),
                body: incoming.body),
            within: Self.longest)
        var headers = answer.headers.map { ($0.name, $0.value) }
        // By the name that Anthropic's library shows.
        if form.isAnthropic { headers.append(("request-id", incoming.requestID)) }
        guard !answer.isEnded else { return .bytes(answer.status, headers: headers, answer.body) }
        // Nothing of it has been sent: the client can ask again, and does so by itself.
        guard !closing.isClosed else {
            _ = try? await mesh.call(Providers.CancelServed(id: answer.id), within: .seconds(1))
            throw Self.stopping
        }
        return .live(status: answer.status, headers: headers) { writer in
            try await ServedRest(
                mesh: mesh, id: answer.id, form: form, stopping: Self.stopping
            ).write(answer.body, to: writer)
        }
    }

    private static func fields(of incoming: Incoming) -> [Providers.NamedValue] {
        var found = fields.compactMap { name in
            incoming.request.headers[name].map { Providers.NamedValue(name, $0) }
        }
        for name in ["after_id", "limit"] {
            if let value = incoming.request.queryValue(name) { found.append(.init(name, value)) }
        }
        let model = ["model", "name"].map { incoming.parameter($0) }.filter { !$0.isEmpty }
        if !model.isEmpty { found.append(.init("model", model.joined(separator: "/"))) }
        return found
    }
}

/// The rest of an answer that has begun, on its way to the client.
private struct ServedRest: Sendable {
    private static let wait = 15_000

    let mesh: MeshClient
    let id: String
    let form: ServedRefusal
    let stopping: Fault

    func write(_ first: [UInt8], to writer: ResponseWriter) async throws {
        do {
            try await pass(first, to: writer)
        } catch let fault as Fault where !Task.isCancelled {
            // The service is gone or has given up: no client takes a mere close for a failure.
            try await end(with: fault, writer)
        } catch {
            // Sent though this task is cancelled; and without it the answer is given up later.
            _ = try? await mesh.call(Providers.CancelServed(id: id), within: .seconds(1))
            guard Task.isCancelled, !writer.isClosed else { throw error }
            try await end(with: stopping, writer)
        }
    }

    /// In one write, so that a slow client cannot have the half of it. What came before may have
    /// ended within an event, which an empty line ends.
    private func end(with fault: Fault, _ writer: ResponseWriter) async throws {
        try await writer.write(Array("\n\n".utf8) + form.event(fault))
        try await writer.finish()
    }

    private func pass(_ first: [UInt8], to writer: ResponseWriter) async throws {
        if !first.isEmpty { try await writer.write(first) }
        var offset = first.count
        while true {
            let piece = try await mesh.call(
                Providers.ReadServed(id: id, offset: offset, waitMilliseconds: Self.wait),
                within: .milliseconds(Self.wait + 5_000))
            offset += piece.body.count
            if !piece.body.isEmpty { try await writer.write(piece.body) }
            if piece.isEnded { return try await writer.finish() }
        }
    }
}
