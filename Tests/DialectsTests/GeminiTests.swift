import Dialects
import Testing

@Suite struct GeminiTests {
    private let dialect = GeminiDialect()

    @Test(
        "a refusal is understood by Google's name for it",
        arguments: [
            (429, "RESOURCE_EXHAUSTED", UpstreamFailure.Kind.rateLimited, true),
            (503, "UNAVAILABLE", .overloaded, true), (401, "UNAUTHENTICATED", .unauthorized, false),
            (403, "PERMISSION_DENIED", .unauthorized, false), (404, "NOT_FOUND", .notFound, false),
            (400, "INVALID_ARGUMENT", .badRequest, false), (500, "INTERNAL", .server, true),
            (504, "DEADLINE_EXCEEDED", .timeout, true),
            (400, "FAILED_PRECONDITION", .badRequest, false),
        ])
    func failures(status: Int, word: String, kind: UpstreamFailure.Kind, retryable: Bool) {
        for form in [#"{"error":\#("%")}"#, #"[{"error":\#("%")}]"#] {
            let error = #"{"code":\#(status),"message":"words","status":"\#(word)"}"#
            let body = form.split(separator: "%").joined(separator: error)
            let failure = dialect.failure(status: status, headers: [], body: Array(body.utf8))
            #expect(failure.kind == kind && failure.message == "words")
            #expect(failure.isRetryable == retryable)
        }
    }

    @Test("a wrong key and an account without billing are told apart from a bad request")
    func keys() {
        func kind(_ word: String, _ message: String) -> UpstreamFailure.Kind {
            let body = #"{"error":{"code":400,"message":"\#(message)","status":"\#(word)"}}"#
            return dialect.failure(status: 400, headers: [], body: Array(body.utf8)).kind
        }
        #expect(kind("INVALID_ARGUMENT", "API key not valid. Please pass one.") == .unauthorized)
        #expect(kind("FAILED_PRECONDITION", "Please enable billing.") == .quota)
    }

    @Test("the wait stands in the body")
    func retryInfo() throws {
        let fixture = try #require(
            Fixture.streams.first { $0.folder == "gemini" && $0.name == "error-plain" })
        let failure = read([try fixture.bytes], with: dialect).failure
        #expect(failure?.retryAfter == .milliseconds(7_500) && failure?.kind == .rateLimited)
        for text in ["soon", "-3s", "1e300s", "s", "nans"] {
            let body = #"{"error":{"message":"x","details":[{"retryDelay":"\#(text)"}]}}"#
            let other = dialect.failure(status: 429, headers: [], body: Array(body.utf8))
            let wait = other.retryAfter ?? .zero
            #expect(wait >= .zero && wait <= .seconds(86_400))
        }
    }

    @Test("how much a model is to think is said as its generation takes it")
    func thinking() throws {
        func config(_ wish: ThinkingWish, _ model: String) throws -> JSONValue? {
            var request = chat
            (request.thinking, request.model) = (wish, model)
            let call = try dialect.request(request, endpoint: Endpoint(baseURL: "http://a"))
            return try json(call)["generationConfig"]?["thinkingConfig"]
        }
        #expect(
            try config(ThinkingWish(effort: .low), "gemini-3-pro")
                == ["includeThoughts": true, "thinkingLevel": "LOW"])
        #expect(
            try config(ThinkingWish(effort: .max), "gemini-3-pro")?["thinkingLevel"] == "HIGH")
        #expect(
            try config(ThinkingWish(effort: .low), "gemini-2.5-flash")
                == ["includeThoughts": true, "thinkingBudget": 1_024])
        #expect(try config(ThinkingWish(.off), "gemini-2.5-flash") == ["thinkingBudget": 0])
        #expect(
            try config(ThinkingWish(.on, budget: 2_000, display: "omitted"), "gemini-3-pro")
                == ["includeThoughts": false, "thinkingBudget": 2_000])
    }

    @Test("a whole reply can come as a list of one, and without its end it is none")
    func whole() throws {
        let part = #"{"candidates":[{"content":{"parts":[{"text":"Hi"}]}"#
        let good = "[" + part + #","finishReason":"STOP"}]}]"#
        #expect(try dialect.answer(Array(good.utf8)).text == "Hi")
        let bad = part + "}]}"
        #expect(throws: UpstreamFailure.self) { try dialect.answer(Array(bad.utf8)) }
        let error = #"{"error":{"code":503,"message":"x","status":"UNAVAILABLE"}}"#
        #expect(throws: UpstreamFailure.self) { try dialect.answer(Array(error.utf8)) }
    }
}
