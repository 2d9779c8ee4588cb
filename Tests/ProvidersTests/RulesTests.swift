import Contracts
import Dialects
import MeshContract
import Routing
import ServiceKit
import Testing

@testable import ProvidersService

@Suite("Bills")
struct BillTests {
    private func bill(_ usage: TokenUsage, _ provider: String, _ model: String) throws
        -> Providers.Usage
    {
        try directory([:]).bill(usage, of: .init(provider: provider, model: model), at: nil)
    }

    @Test("a bill has billionths, and millionths for whoever reads those")
    func both() throws {
        let usage = TokenUsage(
            input: 1_000_000, output: 100_001, cachedInput: 400_000, cacheWrite: 100_000)
        let bill = try bill(usage, "anthropic", "claude-sonnet-4-5")
        #expect(bill.costNanoUSD == 3_495_015_000)
        #expect(bill.costMicroUSD == 3_495_015)
    }

    @Test(
        "a dated name has the price of the plain one",
        arguments: [
            "claude-haiku-4-5-20251001", "claude-haiku-4-5-latest", "claude-haiku-4-5",
        ])
    func dated(model: String) throws {
        #expect(try bill(.init(input: 1_000_000), "anthropic", model).costMicroUSD == 1_000_000)
    }

    @Test("an unknown model has no price; the built-in and the local one cost nothing")
    func unknown() throws {
        let usage = TokenUsage(input: 10, output: 10)
        #expect(try bill(usage, "openai", "new").costNanoUSD == nil)
        #expect(try bill(usage, "openai", "claude-haiku-4-5").costMicroUSD == nil)
        #expect(try bill(usage, "offline", "mechanical-edits").costMicroUSD == 0)
        #expect(try bill(usage, "ollama", "llama3").costNanoUSD == 0)
        #expect(try bill(TokenUsage(), "openai", "new").costNanoUSD == 0, "nothing was used")
    }

    @Test(
        "a batch costs its own price; a class of service without one is marked as an estimate",
        arguments: [
            ("anthropic", "claude-haiku-4-5", "batch", 500_000, false),
            ("anthropic", "claude-haiku-4-5", "priority", 1_000_000, true),
            ("openai", "gpt-4o", "flex", 1_250_000, false),
            ("openai", "gpt-4o", "priority", 2_500_000, true),
            ("ollama", "llama3", "priority", 0, false),
        ])
    func tiers(
        provider: String, model: String, tier: String, cost: Int64, isEstimate: Bool
    ) throws {
        let bill = try bill(TokenUsage(input: 1_000_000, tier: tier), provider, model)
        #expect(bill.costMicroUSD == cost && bill.isEstimated == isEstimate)
    }

    @Test("two bills together have no price where one has none")
    func together() throws {
        let usage = TokenUsage(input: 10, output: 10)
        let known = try bill(usage, "openai", "gpt-4o")
        let unknown = try bill(usage, "openai", "new")
        #expect(known.adding(known).costNanoUSD == known.costNanoUSD.map { $0 * 2 })
        #expect(known.adding(known).inputTokens == 20)
        #expect(known.adding(unknown).costNanoUSD == nil)
    }

    @Test("every provider's defaults and roles are models with a price")
    func defaults() {
        for provider in ["anthropic", "openai"] {
            for role in ModelCatalogue.roles.map(Optional.some) + [nil] {
                let model = ModelCatalogue.model(for: role, of: provider) ?? ""
                #expect(ModelCatalogue.find(model, of: provider) != nil)
                #expect(PriceBook.listed.find(model, of: provider, at: nil) != .unpriced)
            }
            #expect(PriceBook.readOn[provider] != nil)
        }
    }
}

func directory(
    _ environment: [String: String], file: String? = nil
) throws -> ProviderDirectory {
    let settings = Settings(environment: environment)
    let config = try ProvidersConfig(settings)
    return ProviderDirectory(
        config, try Ways(config, settings, file: file.map { Array($0.utf8) }))
}

@Suite("Which provider and model")
struct ChoiceTests {
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
