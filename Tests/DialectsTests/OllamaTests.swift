import Dialects
import Testing

@Suite struct OllamaTests {
    private let dialect = OllamaDialect()

    private static let text = """
        {"model":"m","created_at":"2026-01-01T00:00:00Z","message":\
        {"role":"assistant","content":"","thinking":"Hm."},"done":false}
        {"model":"m","message":{"role":"assistant","content":"Grüße, "},"done":false}

        {"model":"m","message":{"role":"assistant","content":"漢字 👩‍🚀"},"done":false}\r

        """
    private static let last = """
        {"model":"m","message":{"role":"assistant","content":""},"done":true,"done_reason":"stop",\
        "total_duration":5,"prompt_eval_count":11,"eval_count":7}
        """

    @Test("text, thinking, figures and the end come out of the lines, however they are cut")
    func whole() {
        for ending in ["\n", ""] {
            let reading = read(Self.text + Self.last + ending, with: dialect)
            #expect(reading.failure == nil)
            #expect(reading.thinking == "Hm." && reading.text == "Grüße, 漢字 👩‍🚀")
            #expect(reading.stop == .end && reading.usage == TokenUsage(input: 11, output: 7))
        }
    }

    @Test("lines without the last one, or with half of it, are truncated")
    func truncated() {
        #expect(read(Self.text, with: dialect).failure?.kind == .truncated)
        let half = read(Self.text + Self.last.prefix(60), with: dialect)
        #expect(half.failure?.kind == .truncated && half.text == "Grüße, 漢字 👩‍🚀")
    }

    @Test("an error after a status of 200 is an error")
    func lateError() {
        let gone = read(Self.text + "{\"error\":\"model 'm' not found\"}\n", with: dialect)
        #expect(gone.failure?.kind == .notFound && gone.text == "Grüße, 漢字 👩‍🚀")
        let server = read("{\"error\":\"llama runner process has terminated\"}\n", with: dialect)
        #expect(server.failure?.kind == .server && server.events.isEmpty)
        #expect(server.failure?.message == "llama runner process has terminated")
    }

    @Test("a line that is not JSON is garbage")
    func garbage() {
        #expect(read(Self.text + "oops\n", with: dialect).failure?.kind == .garbage)
        #expect(read("<html></html>", with: dialect).failure?.kind == .garbage)
    }

    @Test("figures that are missing are left out, or marked when one is there")
    func figures() {
        let none = read(#"{"done":true}"#, with: dialect)
        #expect(none.stop == .end && none.usage == nil && none.failure == nil)
        let one = read(#"{"done":true,"done_reason":"length","eval_count":3}"#, with: dialect)
        #expect(one.stop == .length)
        #expect(one.usage == TokenUsage(output: 3, isEstimated: true))
    }

    @Test("a request says everything in this dialect")
    func request() throws {
        let call = try dialect.request(chat, endpoint: Endpoint(baseURL: "http://localhost:11434"))
        #expect(call.url == "http://localhost:11434/api/chat")
        #expect(!call.headers.contains { $0.name == "Authorization" })
        #expect(
            try json(call) == [
                "model": "m", "stream": true,
                "options": ["num_predict": 64, "stop": ["END"], "temperature": 0.5],
                "messages": [
                    ["content": "Be brief.", "role": "system"],
                    ["content": "Hi", "role": "user"], ["content": "Yes?", "role": "assistant"],
                    ["content": "A \"quote\", ü/\n", "role": "user"],
                ],
            ])
    }

    @Test("a refusal carries the server's words")
    func failure() {
        let failure = dialect.failure(
            status: 404, headers: [], body: Array(#"{"error":"model 'm' not found"}"#.utf8))
        #expect(failure.kind == .notFound && failure.message == "model 'm' not found")
    }
}
