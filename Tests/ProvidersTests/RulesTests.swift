import Contracts
import Curl
import Dialects
import MeshContract
import ServiceKit
import Testing

@testable import ProvidersService

@Suite("Prices")
struct PriceTests {
    @Test("fresh, cached and written tokens have prices of their own")
    func parts() {
        let usage = TokenUsage(
            input: 1_000_000, output: 100_000, cachedInput: 400_000, cacheWrite: 100_000)
        let cost = Cost.microUSD(usage, provider: "anthropic", model: "claude-sonnet-4-5")
        #expect(cost == Int64(1_500_000 + 120_000 + 375_000 + 1_500_000))
    }

    @Test("without a price for cached tokens they cost like any other")
    func noCachePrice() {
        let usage = TokenUsage(input: 1_000_000, output: 0, cachedInput: 500_000)
        #expect(Cost.microUSD(usage, at: ListPrice(2, 8)) == 2_000_000)
    }

    @Test(
        "a dated name has the price of the plain one",
        arguments: [
            "claude-haiku-4-5-20251001", "claude-haiku-4-5-latest", "claude-haiku-4-5",
        ])
    func dated(model: String) {
        #expect(
            Cost.microUSD(.init(input: 1_000_000), provider: "anthropic", model: model) == 1_000_000
        )
    }

    @Test("a date of OpenAI's form is one as well, and a version is none")
    func undated() {
        #expect(ModelCatalogue.undated("gpt-4o-2024-08-06") == "gpt-4o")
        #expect(ModelCatalogue.undated("gpt-4.1") == "gpt-4.1")
        #expect(ModelCatalogue.undated("o1") == "o1")
        #expect(ModelCatalogue.undated("") == "")
    }

    @Test("a long prompt has the long prompt's price, for the whole request")
    func long() {
        func cost(_ input: Int) -> Int64? {
            Cost.microUSD(.init(input: input), provider: "anthropic", model: "claude-haiku-5-5")
        }
        #expect(cost(100_000) == 10_000)
        #expect(cost(100_001) == 50_001)
    }

    @Test("an unknown model has no price; the built-in and the local one cost nothing")
    func unknown() {
        let usage = TokenUsage(input: 10, output: 10)
        #expect(Cost.microUSD(usage, provider: "openai", model: "new") == nil)
        #expect(Cost.microUSD(usage, provider: "openai", model: "claude-haiku-4-5") == nil)
        #expect(Cost.microUSD(usage, provider: "offline", model: "mechanical-edits") == 0)
        #expect(Cost.microUSD(usage, provider: "ollama", model: "llama3") == 0)
    }

    @Test("absurd figures neither trap nor go below zero")
    func absurd() {
        let price = ListPrice(10, 50, cached: 1)
        #expect(
            Cost.microUSD(.init(input: .max, output: .max, cachedInput: .max), at: price) == .max)
        #expect(Cost.microUSD(.init(input: -5, output: -5, cachedInput: 7), at: price) == 0)
    }

    @Test("every provider's defaults and roles are models with a price")
    func defaults() {
        for provider in ["anthropic", "openai"] {
            for role in ModelCatalogue.roles.map(Optional.some) + [nil] {
                let model = ModelCatalogue.model(for: role, of: provider)
                #expect(model.flatMap { ModelCatalogue.find($0, of: provider) } != nil)
            }
            #expect(ModelCatalogue.pricesAsOf[provider] != nil)
        }
    }
}

@Suite("Which provider and model")
struct ChoiceTests {
    private func directory(_ settings: [String: String]) throws -> ProviderDirectory {
        ProviderDirectory(try ProvidersConfig(Settings(environment: settings)))
    }

    private func choose(
        _ directory: ProviderDirectory, _ provider: String? = nil, _ model: String? = nil
    ) throws -> String {
        let choice = try directory.choose(provider: provider, model: model)
        return "\(choice.provider)/\(choice.model)"
    }

    @Test("the default is the first that is there")
    func order() throws {
        let none = try directory([:])
        #expect(try choose(none) == "offline/mechanical-edits")
        #expect(none.noteOllama(["llama3", "qwen"]))
        #expect(try choose(none) == "ollama/llama3")
        #expect(!none.noteOllama(["llama3"]))
        #expect(none.noteOllama(nil))
        #expect(try choose(none) == "offline/mechanical-edits")
        let both = try directory(["OPENAI_API_KEY": "o", "ANTHROPIC_API_KEY": "a"])
        #expect(try choose(both) == "anthropic/claude-sonnet-5-5")
        let chosen = try directory([
            "OPENAI_API_KEY": "o", "ANTHROPIC_API_KEY": "a", "LLM_PROVIDER": "openai",
        ])
        #expect(try choose(chosen) == "openai/gpt-6-sol")
    }

    @Test("roles are each provider's own, and other names stand as they are")
    func roles() throws {
        let both = try directory(["OPENAI_API_KEY": "o", "ANTHROPIC_API_KEY": "a"])
        #expect(try choose(both, nil, "fast") == "anthropic/claude-haiku-5-5")
        #expect(try choose(both, "openai", "strong") == "openai/gpt-6-sol")
        #expect(try choose(both, "openai", "brand-new") == "openai/brand-new")
        #expect(try choose(both, nil, "gpt-4o") == "openai/gpt-4o", "a known model has its owner")
        #expect(try choose(both, nil, "mechanical-edits") == "offline/mechanical-edits")
        #expect(try choose(both, "offline", "gpt-4o") == "offline/mechanical-edits")
    }

    @Test("a model that is configured takes the place of every role")
    func override() throws {
        let own = try directory(["OPENAI_BASE_URL": "http://h:1/v1", "OPENAI_MODEL": "qwen"])
        #expect(try choose(own) == "openai/qwen")
        #expect(try choose(own, nil, "critic") == "openai/qwen")
        let names = own.catalogue.models.map(\.model)
        #expect(names == ["qwen", "mechanical-edits"])
    }

    @Test("what is not there is refused")
    func missing() throws {
        let none = try directory([:])
        for name in ["openai", "ollama", "gemini"] {
            #expect(throws: Fault.self) { try choose(none, name) }
        }
        let explicit = try directory(["OLLAMA_URL": "http://h:1"])
        #expect(throws: Fault.self) { try choose(explicit, "ollama") }
        #expect(try choose(explicit, "ollama", "llama3") == "ollama/llama3")
    }
}

@Suite("Configuration")
struct ConfigTests {
    @Test(
        "what cannot work is refused at the start, by name",
        arguments: [
            (["LLM_PROVIDER": "gemini"], "LLM_PROVIDER"),
            (["LLM_PROVIDER": "anthropic"], "ANTHROPIC_API_KEY"),
            (["LLM_PROVIDER": "openai"], "OPENAI_API_KEY"),
            (["LLM_PROVIDER": "ollama", "OLLAMA_URL": "off"], "OLLAMA_URL"),
            (["OLLAMA_URL": "localhost:11434"], "OLLAMA_URL"),
            (["OPENAI_BASE_URL": "https://user:word@host/v1"], "OPENAI_BASE_URL"),
            (["OPENAI_BASE_URL": "https://host/v1?x=1"], "OPENAI_BASE_URL"),
            (["ANTHROPIC_API_KEY": "k", "ANTHROPIC_BASE_URL": "https://"], "ANTHROPIC_BASE_URL"),
            (["LLM_TIMEOUT_MS": "soon"], "LLM_TIMEOUT_MS"),
            (["ATELIER_OFFLINE_PACE_US": "-1"], "ATELIER_OFFLINE_PACE_US"),
        ])
    func refused(settings: [String: String], name: String) {
        do {
            _ = try ProvidersConfig(Settings(environment: settings))
            Issue.record("it was taken")
        } catch {
            #expect(error.message.contains(name))
        }
    }

    @Test("a key that no header carries is refused without being repeated")
    func badKey() {
        do {
            _ = try ProvidersConfig(Settings(environment: ["OPENAI_API_KEY": "se cret\n"]))
            Issue.record("it was taken")
        } catch {
            #expect(!error.description.contains("se cret"))
        }
    }

    @Test("a description of the configuration holds no key")
    func description() throws {
        let config = try ProvidersConfig(
            Settings(environment: [
                "ANTHROPIC_API_KEY": "secret-key", "OPENAI_API_KEY": "secret-key",
            ]))
        #expect(!"\(config)".contains("secret-key"))
        var dumped = ""
        dump(config, to: &dumped)
        #expect(!dumped.contains("secret-key"))
    }
}

@Suite("Trying again")
struct RetryTests {
    private let rule = RetryRule(tries: 3)

    private func pause(
        _ error: any Error, attempt: Int = 1, left: Duration = .seconds(60), chance: Double = 1
    ) -> Duration? {
        rule.pause(after: error, attempt: attempt, left: left, chance: chance)
    }

    @Test("what a provider asks for is obeyed, and never cut short")
    func retryAfter() {
        let limited = UpstreamFailure(.rateLimited, message: "", retryAfter: .seconds(2))
        #expect(pause(limited, chance: 0) == .seconds(2))
        #expect(pause(limited, chance: 1) == .milliseconds(2_100))
        #expect(pause(limited, left: .seconds(1)) == nil)
    }

    @Test("pauses grow, spread, and end with the tries")
    func backoff() {
        let failure = UpstreamFailure(.server, message: "")
        #expect(pause(failure) == .milliseconds(400))
        #expect(pause(failure, chance: 0) == .milliseconds(200))
        #expect(pause(failure, attempt: 2) == .milliseconds(800))
        #expect(pause(failure, attempt: 3) == nil)
    }

    @Test("what will not change is not asked for again")
    func permanent() {
        for kind in [UpstreamFailure.Kind.unauthorized, .badRequest, .notFound, .garbage, .quota] {
            #expect(pause(UpstreamFailure(kind, message: "")) == nil)
        }
        for error in [HTTPClientError.badURL, .tls, .idle, .timedOut, .cancelled, .tooLarge] {
            #expect(pause(error) == nil)
        }
        #expect(pause(HTTPClientError.connect) != nil)
        #expect(pause(CancellationError()) == nil)
    }
}
