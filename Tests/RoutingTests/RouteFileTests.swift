import Dialects
import MeshContract
import Testing

@testable import Routing

@Suite("The file of routes")
struct RouteFileTests {
    private let known = [
        ProviderEntry(
            "anthropic", .anthropic,
            keys: [.init("1", variable: "A1"), .init("2", variable: "A2")]),
        ProviderEntry("ollama", .ollama),
    ]

    private func read(_ text: String) throws(Fault) -> RouteBook {
        try RouteBook(parsing: Array(text.utf8), known: known)
    }

    /// Pointers of what is refused, with the words.
    private func faults(_ text: String) -> [String: String] {
        do {
            _ = try read(text)
            return [:]
        } catch {
            let fields = error.fields ?? [FieldFault("", error.detail ?? "")]
            return Dictionary(fields.map { ($0.pointer, $0.message) }) { first, _ in first }
        }
    }

    @Test("it names providers, ways, budgets and a cache")
    func whole() throws {
        let book = try read(
            """
            {"providers": {"groq": {"dialect": "openai", "base_url": "https://api.groq.com/openai/v1",
                "keys": [{"name": "a", "env": "GROQ_A", "rpm": 30, "tpm": 6000, "concurrency": 4}]}},
             "routes": {
                "fast": {"targets": [{"provider": "groq", "model": "llama", "weight": 3},
                                     {"provider": "anthropic", "model": "haiku"}],
                         "fallbacks": ["strong", {"provider": "ollama", "model": "qwen"}],
                         "tries": 2, "hedge": {"percentile": 95}},
                "strong": {"targets": [{"provider": "anthropic", "model": "opus", "key": "2",
                                        "concurrency": 7}], "hedge": {"after_ms": 800}}},
             "budgets": [{"name": "all", "scope": "all", "period": "month", "usd": 12.50},
                         {"name": "each", "scope": "user", "period": "day", "usd": "0.25",
                          "unpriced": "allow"}],
             "cache": {"ttl_seconds": 60, "max_mib": 2, "all": true}}
            """)
        let fast = try #require(book.routes["fast"])
        #expect(
            fast.tiers == [
                Tier([
                    .init(Target("groq", "llama", key: "a"), weight: 3_000),
                    .init(Target("anthropic", "haiku", key: "1"), weight: 500),
                    .init(Target("anthropic", "haiku", key: "2"), weight: 500),
                ]),
                Tier([.init(Target("anthropic", "opus", key: "2"), weight: 1_000)]),
                Tier([.init(Target("ollama", "qwen"), weight: 1_000)]),
            ])
        #expect(fast.tries == 2 && fast.hedge == .percentile(95))
        #expect(book.routes["strong"]?.hedge == .after(.milliseconds(800)))
        #expect(
            book.limits == [
                Lane("groq", "a"): LaneLimits(
                    requestsPerMinute: 30, tokensPerMinute: 6_000, concurrency: 4)
            ])
        #expect(book.concurrency == [Target("anthropic", "opus", key: "2"): 7])
        #expect(
            book.budgets == [
                Budget("all", .all, period: .month, limit: 12_500_000_000),
                Budget("each", .user, period: .day, limit: 250_000_000, allowsUnpriced: true),
            ])
        #expect(book.cache == CacheRule(time: .seconds(60), bytes: 2 << 20, isForAll: true))
        #expect(book.route(to: "opus", of: "anthropic", tries: 3).targets.count == 2)
    }

    @Test("everything that is wrong is told at once, each with its place")
    func wrong() {
        let faults = faults(
            """
            {"routs": {}, "providers": {"x": {"dialect": "smoke", "keys": []},
                "groq": {"dialect": "openai", "base_url": "ftp://x",
                         "keys": [{"name": "a", "env": "sk-very-secret"},
                                  {"name": "a", "env": "B", "rpm": 0}]}},
             "routes": {"a/b": {"targets": []},
                "c": {"targets": [{"provider": "nobody", "model": "m"},
                                  {"provider": "anthropic", "model": "m", "key": "9"},
                                  {"provider": "anthropic", "weight": 0}],
                      "fallbacks": ["nowhere"], "tries": "3", "hedge": {}}},
             "budgets": [{"name": "b", "scope": "planet", "period": "day", "usd": 1},
                         {"name": "b", "scope": "user", "period": "day", "usd": -1}],
             "cache": {}}
            """)
        #expect(
            Set(faults.keys) == [
                "/routs", "/providers/x/dialect", "/providers/groq/base_url",
                "/providers/groq/keys/0/env", "/providers/groq/keys/1/name",
                "/providers/groq/keys/1/rpm", "/routes/a~1b/targets",
                "/routes/c/targets/0/provider", "/routes/c/targets/1/key", "/routes/c/targets/2",
                "/routes/c/fallbacks/0", "/routes/c/tries", "/routes/c/hedge", "/budgets/0/scope",
                "/budgets/1/usd", "/cache/ttl_seconds",
            ])
        #expect(!faults.values.contains { $0.contains("secret") })
    }

    @Test("routes that lead back to themselves are refused where they do")
    func circles() {
        let target = #"{"provider": "ollama", "model": "m"}"#
        let text = """
            {"routes": {
                "a": {"targets": [\(target)], "fallbacks": ["b"]},
                "b": {"targets": [\(target)], "fallbacks": ["c"]},
                "c": {"targets": [\(target)], "fallbacks": ["a"]}}}
            """
        #expect(faults(text).keys.sorted() == ["/routes/c/fallbacks/0"])
    }

    @Test("many routes that lead to many are put together in no time, and refused for their length")
    func lattice() {
        let target = #"{"provider": "ollama", "model": "m"}"#
        let routes = (0..<60).map { number in
            let next = (1...8).map { #""r\#(min(number + $0, 60))""# }.joined(separator: ",")
            return #""r\#(number)": {"targets": [\#(target)], "fallbacks": [\#(next)]}"#
        }
        let last = #""r60": {"targets": [\#(target)]}"#
        let faults = faults(#"{"routes": {\#((routes + [last]).joined(separator: ","))}}"#)
        #expect(faults["/routes/r20/fallbacks"] != nil)
    }

    @Test("what is no JSON, and JSON of another kind, is refused")
    func noRoutes() {
        #expect(faults("{") == ["": "the JSON ends in the middle, at byte 1"])
        #expect(faults("[]").keys.contains(""))
        #expect(faults(#"{"routes": 5, "budgets": {}}"#).keys.sorted() == ["/budgets", "/routes"])
    }
}
