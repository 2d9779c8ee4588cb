import Contracts
import Dialects
import EventLoop
import Mesh
import MeshContract
import Synchronization
import Testing
import Testkit

@testable import ProvidersService

/// A service over scripted providers, with a file of routes.
final class RoutedRig: Sendable {
    let provider: ScriptedProvider
    let rig: Rig
    private let file: RouteFile?

    init(
        keys: String = "k1,k2", routes: String? = nil, _ more: [String: String] = [:],
        _ script: @escaping @Sendable (ScriptedProvider.Question, Int) -> ScriptedProvider.Script
    ) async throws {
        provider = try ScriptedProvider(script)
        file = try routes.map { try RouteFile($0) }
        var environment = [
            "OPENAI_BASE_URL": provider.url, "OPENAI_API_KEYS": keys, "OLLAMA_URL": "off",
            "OPENAI_MODEL": "base", "ATELIER_OFFLINE_PACE_US": "0",
        ].merging(more) { $1 }
        environment["ATELIER_ROUTES"] = file?.path
        rig = try await Rig(environment)
    }

    func ask(_ key: String, model: String? = nil, run: String = "run_1") async throws -> String {
        let info = try await rig.mesh.call(request(key, model: model, run: run))
        return try await rig.read(info).text
    }

    func entries() async throws -> [Providers.UsageEntry] {
        try await rig.mesh.call(Providers.ReadUsage(after: 0, limit: 100)).entries
    }

    func health() async throws -> Providers.HealthReport {
        try await rig.mesh.call(Providers.Health())
    }
}

/// Which key was asked with first.
final class FirstKey: Sendable {
    private let first = Mutex<String?>(nil)

    func isFirst(_ key: String) -> Bool {
        first.withLock { first in
            first = first ?? key
            return first == key
        }
    }
}

@Suite("Routed questions")
struct RoutedTests {
    private static let routes = """
        {"routes": {
            "fast": {"targets": [{"provider": "openai", "model": "a"}],
                     "fallbacks": [{"provider": "openai", "model": "b"}]}}}
        """
    private static let hedged = """
        {"routes": {
            "hedged": {"targets": [{"provider": "openai", "model": "slow", "key": "1"}],
                       "fallbacks": [{"provider": "openai", "model": "quick", "key": "2"}],
                       "tries": 1, "hedge": {"after_ms": 20}}}}
        """

    @Test("a refused key gives way to another, at once and for the next questions too")
    func keys() async throws {
        let bad = FirstKey()
        let rig = try await RoutedRig { question, _ in
            bad.isFirst(question.key) ? .refuses(401) : .says("Hello.")
        }
        for number in 0..<12 { #expect(try await rig.ask("q\(number)") == "Hello.") }
        #expect(rig.provider.keys.count == 13)
        #expect(Set(rig.provider.keys.dropFirst()).count == 1)
    }

    @Test("a key with nothing left to spend is not asked twice, and the next one answers")
    func quota() async throws {
        let bad = FirstKey()
        let rig = try await RoutedRig { question, _ in
            bad.isFirst(question.key)
                ? .refuses(429, code: "insufficient_quota") : .says("Paid.")
        }
        for number in 0..<6 { #expect(try await rig.ask("q\(number)") == "Paid.") }
        #expect(rig.provider.keys.count == 7)
    }

    @Test("behind a model that fails stands the next, and the books say who answered")
    func fallback() async throws {
        let rig = try await RoutedRig(keys: "k1", routes: Self.routes) { question, _ in
            question.model == "a" ? .refuses(404) : .says("From b.")
        }
        #expect(try await rig.ask("q", model: "fast") == "From b.")
        #expect(rig.provider.models == ["a", "b"])
        let entry = try #require(try await rig.entries().first)
        #expect(entry.model == "b" && entry.outcome == "completed")
        #expect(entry.usage.inputTokens == 10 && entry.usage.outputTokens == 5)
    }

    @Test("an answer that broke off before its first word is asked for elsewhere, unnoticed")
    func beforeText() async throws {
        let rig = try await RoutedRig(keys: "k1", routes: Self.routes) { question, _ in
            question.model == "a" ? .beginsThenBreaks : .says("Whole.")
        }
        #expect(try await rig.ask("q", model: "fast") == "Whole.")
        #expect(rig.provider.models.last == "b")
    }

    @Test("after its first word an answer is never begun anew, and is no success")
    func afterText() async throws {
        let rig = try await RoutedRig(keys: "k1", routes: Self.routes) { question, _ in
            question.model == "a" ? .saysThenBreaks("Half of") : .says("Other.")
        }
        let fault = try await rig.rig.fault(request("q", model: "fast"))
        #expect(fault?.code == .upstream)
        #expect(rig.provider.models == ["a"])
        let entry = try #require(try await rig.entries().first)
        #expect(entry.outcome == "failed" && entry.usage.isEstimated)
        #expect(entry.usage.outputTokens == 2)
    }

    @Test("a request that is refused for what it is goes nowhere else")
    func badRequest() async throws {
        let rig = try await RoutedRig(routes: Self.routes) { _, _ in .refuses(400) }
        #expect(try await rig.rig.fault(request("q", model: "fast"))?.code == .upstream)
        #expect(rig.provider.questions.count == 1)
    }

    @Test("a time to be left alone is kept over questions, and the caller hears of it")
    func retryAfter() async throws {
        let rig = try await RoutedRig(keys: "k1", ["LLM_TIMEOUT_MS": "1000"]) { _, _ in
            .refuses(429, headers: [("Retry-After", "30")])
        }
        for number in 0..<3 {
            let fault = try await rig.rig.fault(request("q\(number)"))
            #expect(fault?.code == .limited)
            #expect((fault?.retryAfterMilliseconds ?? 0) > 25_000)
        }
        #expect(rig.provider.questions.count == 1)
    }

    @Test("the second request beside a slow one is heard, the slow one ended and booked")
    func hedge() async throws {
        let rig = try await RoutedRig(routes: Self.hedged) { question, _ in
            question.model == "slow" ? .waits : .says("Quick.")
        }
        #expect(try await rig.ask("q", model: "hedged") == "Quick.")
        #expect(rig.provider.models.sorted() == ["quick", "slow"])
        let entry = try #require(try await rig.entries().first)
        #expect(entry.model == "quick")
        #expect(entry.usage.inputTokens > 10, "the slow one had its prompt as well")
        #expect(entry.usage.isEstimated)
        #expect(await eventually { rig.provider.gone == 1 })
    }

    @Test("a first request that fails within the delay is followed by the next way")
    func hedgeFails() async throws {
        let rig = try await RoutedRig(routes: Self.hedged) { question, _ in
            question.model == "slow" ? .refuses(500) : .says("Second.")
        }
        #expect(try await rig.ask("q", model: "hedged") == "Second.")
    }

    @Test("a limit of requests at once holds, and those over it wait their turn")
    func concurrency() async throws {
        let routes = """
            {"providers": {"openai": {"keys": [{"name": "one", "env": "K1", "concurrency": 2}]}}}
            """
        let rig = try await RoutedRig(keys: "x", routes: routes, ["K1": "k1"]) { _, _ in
            .says("Done.")
        }
        try await withThrowingTaskGroup(of: String.self) { group in
            for number in 0..<12 { group.addTask { try await rig.ask("q\(number)") } }
            for try await text in group { #expect(text == "Done.") }
        }
        #expect(rig.provider.questions.count == 12 && rig.provider.mostOpen <= 2)
    }

    @Test("a limit of requests a minute refuses with the time to wait")
    func perMinute() async throws {
        let routes = """
            {"providers": {"openai": {"keys": [{"name": "one", "env": "K1", "rpm": 2}]}}}
            """
        let rig = try await RoutedRig(
            keys: "x", routes: routes, ["K1": "k1", "LLM_TIMEOUT_MS": "500"]
        ) { _, _ in .says("Done.") }
        for number in 1...2 { #expect(try await rig.ask("\(number)") == "Done.") }
        let fault = try await rig.rig.fault(request("3"))
        #expect(fault?.code == .limited)
        #expect((1...30_000).contains(fault?.retryAfterMilliseconds ?? 0))
        #expect(rig.provider.questions.count == 2)
    }

    @Test("routes that cannot be used stop the service at its start, with their places")
    func badFile() async throws {
        do {
            _ = try await RoutedRig(routes: #"{"routes": {"a": {"targets": []}}}"#) { _, _ in
                .waits
            }
            Issue.record("it started")
        } catch let fault as Fault {
            #expect(fault.fields?.map(\.pointer) == ["/routes/a/targets"])
        }
        await expectFault(.invalid) {
            try await Rig(["ATELIER_ROUTES": "/nowhere/at/all", "OLLAMA_URL": "off"])
        }
    }

    @Test("a client that goes ends the request, and pays for what was used")
    func gone() async throws {
        let rig = try await RoutedRig(keys: "k1") { _, _ in .saysThenWaits("Some words.") }
        let info = try await rig.rig.mesh.call(request("q"))
        let piece = try await rig.rig.mesh.call(
            Providers.ReadStream(key: "q", attempt: 1, offset: 0, waitMilliseconds: 5_000))
        #expect(piece.text == "Some words." && info.attempt == 1)
        _ = try await rig.rig.mesh.call(Providers.CancelStream(key: "q"))
        #expect(await eventually { rig.provider.gone == 1 })
        let entry = try #require(try await rig.entries().first)
        #expect(entry.outcome == "cancelled" && entry.usage.outputTokens == 3)
        #expect(entry.usage.isEstimated)
        let health = try await rig.health().targets.first { $0.requests > 0 }
        #expect(health?.errors == [.init(kind: "cancelled", count: 1)] && health?.state == "ok")
    }

    @Test("health has states, errors and latencies, and no key")
    func health() async throws {
        let first = FirstKey()
        let rig = try await RoutedRig { question, _ in
            first.isFirst(question.key) ? .refuses(401) : .says("Hello.")
        }
        for number in 0..<8 { _ = try await rig.ask("q\(number)") }
        let report = try await rig.health()
        #expect(report.isHealthy)
        let used = report.targets.filter { $0.requests > 0 }
        let bad = try #require(used.first { !$0.errors.isEmpty })
        #expect(
            ["1", "2"].contains(bad.key) && bad.state == "cooling"
                && bad.errors == [.init(kind: "unauthorized", count: 1)])
        #expect((bad.coolingMilliseconds ?? 0) > 0)
        let good = try #require(used.first { $0.errors.isEmpty })
        #expect(good.state == "ok" && good.requests == 8 && good.inFlight == 0)
        let times = try #require(good.firstTokenMilliseconds)
        #expect(times.p50 > 0 && times.p50 <= times.p99)
        #expect(!"\(report)".contains("k1") && !"\(report)".contains("k2"))
    }

    @Test("the figures of calls are among the stats, under the names of the conventions")
    func measures() async throws {
        let rig = try await RoutedRig(keys: "k1") { question, _ in
            question.model == "bad" ? .refuses(400) : .says("Hello.")
        }
        _ = try await rig.ask("1", model: "gpt-4o")
        _ = try await rig.rig.fault(request("2", model: "bad"))
        let measures = try await rig.rig.mesh.stats("providers").measures
        func find(_ name: String, _ key: String, _ value: String) -> Measure? {
            measures.first { $0.name == name && $0.attributes[key] == value }
        }
        let model = "gen_ai.request.model"
        let duration = find("gen_ai.client.operation.duration", model, "gpt-4o")
        #expect(duration?.histogram.count == 1 && duration?.unit == "s")
        #expect(duration?.attributes["gen_ai.provider.name"] == "openai")
        #expect(find("gen_ai.server.time_to_first_token", model, "gpt-4o") != nil)
        let output = find("gen_ai.client.token.usage", "gen_ai.token.type", "output")
        #expect(output.map { $0.histogram.sum / UInt64($0.stepsPerUnit) } == 5)
        #expect(find("gen_ai.client.operation.duration", "error.type", "bad_request") != nil)
    }
}
