import Dialects
import Testing

@Suite struct FailureTests {
    private func failure(_ headers: [(name: String, value: String)]) -> UpstreamFailure {
        OpenAIDialect().failure(status: 429, headers: headers, body: [])
    }

    @Test("the wait that a provider asks for is read in all its forms")
    func retryAfter() {
        #expect(failure([("Retry-After", "2")]).retryAfter == .seconds(2))
        #expect(failure([("retry-after", "0.5")]).retryAfter == .milliseconds(500))
        #expect(
            failure([("retry-after", "9"), ("Retry-After-Ms", "250")]).retryAfter
                == .milliseconds(250))
        let now = ("Date", "Sat, 28 Feb 2026 23:59:58 GMT")
        let later = ("Retry-After", "Sun, 01 Mar 2026 00:00:03 GMT")
        #expect(failure([now, later]).retryAfter == .seconds(5))
        #expect(failure([now, ("Retry-After", now.1)]).retryAfter == .zero)
        #expect(failure([later]).retryAfter == nil)
        #expect(failure([]).retryAfter == nil)
    }

    @Test("a wait that makes no sense is ignored or cut")
    func oddRetryAfter() {
        #expect(failure([("Retry-After", "soon")]).retryAfter == nil)
        #expect(failure([("Retry-After", "nan")]).retryAfter == nil)
        #expect(failure([("Retry-After", "-3")]).retryAfter == .zero)
        #expect(failure([("Retry-After", "1e300")]).retryAfter == .seconds(86_400))
        let now = ("Date", "Sat, 28 Feb 2026 23:59:58 GMT")
        #expect(failure([now, ("Retry-After", "Sun, 99 Mar 2026 00:00:03 GMT")]).retryAfter == nil)
    }

    @Test("the provider's own word on trying again goes before ours")
    func shouldRetry() {
        #expect(failure([]).isRetryable)
        #expect(!failure([("x-should-retry", "false")]).isRetryable)
        let bad = OpenAIDialect().failure(
            status: 400, headers: [("X-Should-Retry", "true")], body: [])
        #expect(bad.kind == .badRequest && bad.isRetryable)
    }

    @Test("a message is one line of at most 500 characters")
    func bounded() {
        let long = OpenAIDialect().failure(
            status: 500, headers: [], body: Array(String(repeating: "é\n\t", count: 5000).utf8))
        #expect(long.message.count == 500)
        #expect(long.message.hasPrefix("é é é"))
        let marks = UpstreamFailure(
            .server, message: "e" + String(repeating: "\u{301}", count: 9000))
        #expect(marks.message.utf8.count <= 1000)
    }

    @Test("a key that a provider quotes does not get out")
    func keys() {
        let words = [
            "Incorrect API key provided: sk-abc123456789.", "key=sk-proj-123456789",
            "{\"key\":\"AIzaSyD123456789\"}", "Bearer sk-ant-api03-xyz123456",
        ]
        for word in words {
            let message = UpstreamFailure(.unauthorized, message: word).message
            #expect(message.contains("[key]") && !message.contains("123456789"))
            #expect(!message.contains("xyz"))
        }
        let plain = UpstreamFailure(.server, message: "request req_0123456789 failed: a task-list")
        #expect(plain.message == "request req_0123456789 failed: a task-list")
        let own = UpstreamFailure(.server, message: "bad (secret1) and secret1").hiding("secret1")
        #expect(own.message == "bad ([key]) and [key]")
    }

    @Test("neither an endpoint nor a call shows its key")
    func descriptions() throws {
        let endpoint = Endpoint(baseURL: "http://a", key: "hidden", headers: [("x", "hidden")])
        let call = try OllamaDialect().request(chat, endpoint: endpoint)
        for text in [
            "\(endpoint)", String(reflecting: endpoint), "\(call)", String(reflecting: call),
        ] {
            #expect(!text.contains("hidden"))
        }
        var dumped = ""
        dump(endpoint, to: &dumped)
        dump(call, to: &dumped)
        #expect(!dumped.contains("hidden"))
    }

    @Test("a request that no provider would take is refused here", arguments: DialectName.allCases)
    func badRequests(name: DialectName) {
        let good = Endpoint(baseURL: "http://a")
        var variants = Array(repeating: chat, count: 5)
        variants[0].model = ""
        variants[1].messages = []
        variants[2].maxTokens = 0
        variants[3].sampling.temperature = .nan
        variants[4].sampling.temperature = -1
        for variant in variants {
            #expect(throws: UpstreamFailure.self) {
                try name.dialect.request(variant, endpoint: good)
            }
        }
        for bad in [Endpoint(baseURL: "ftp://a"), Endpoint(baseURL: "http://a", key: "a\r\nb: c")] {
            #expect(throws: UpstreamFailure.self) { try name.dialect.request(chat, endpoint: bad) }
        }
    }

    @Test("figures that never came are estimated, and say so")
    func estimate() {
        let usage = TokenUsage.estimated(for: chat, outputBytes: 41)
        #expect(usage.isEstimated && usage.output == 11 && usage.input > 10 && usage.input < 40)
    }
}
