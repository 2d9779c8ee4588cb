import Dialects
import MeshContract
import Testing

@testable import Routing

@Suite("Prices")
struct PriceTests {
    private let sonnet = Price(
        PriceBook.rates(3, 15, cached: 0.30, write: 3.75, hour: 6), tiers: ["batch": 50],
        perRequest: 7, perSearch: 10_000_000, perImage: 39_000_000)

    @Test("each kind of token costs its own rate, to the nano-dollar")
    func parts() {
        let usage = TokenUsage(
            input: 1_000, output: 100, cachedInput: 600, cacheWrite: 300, cacheWriteHour: 100,
            reasoning: 40)
        // 100 fresh, 600 read, 200 for five minutes, 100 for an hour, 100 written.
        let tokens: Int64 = 100 * 3_000 + 600 * 300 + 200 * 3_750 + 100 * 6_000 + 100 * 15_000
        #expect(sonnet.cost(of: usage) == tokens + 7)
        #expect(sonnet.cost(of: usage, beside: Beside(requests: 0)) == tokens)
        #expect(
            sonnet.cost(of: TokenUsage(), beside: Beside(requests: 2, searches: 3, images: 1))
                == 14 + 30_000_000 + 39_000_000)
    }

    @Test("another class of service has its price where the list has one, and else is an estimate")
    func tiers() throws {
        var usage = TokenUsage(input: 1_000, output: 100)
        let tokens: Int64 = 1_000 * 3_000 + 100 * 15_000
        usage.tier = "batch"
        #expect(sonnet.cost(of: usage, beside: Beside(requests: 0)) == tokens / 2)
        // What is paid beside the tokens is not halved.
        #expect(sonnet.cost(of: usage) == tokens / 2 + 7 && sonnet.isExact(for: usage))
        usage.tier = "priority"
        #expect(sonnet.cost(of: usage, beside: Beside(requests: 0)) == tokens)
        #expect(!sonnet.isExact(for: usage))
        var dear = sonnet
        dear.tiers["priority"] = 175
        #expect(dear.cost(of: usage, beside: Beside(requests: 0)) == tokens * 175 / 100)
        usage.tier = nil
        #expect(sonnet.isExact(for: usage))
        let flex = try #require(PriceBook.listed.find("gpt-5", of: "openai", at: nil).price)
        #expect(flex.tiers == ["batch": 50, "flex": 50])
        let claude = PriceBook.listed.find("claude-opus-5-5", of: "anthropic", at: nil).price
        #expect(claude?.tiers == ["batch": 50])
    }

    @Test("reasoning costs what output costs, unless it has a rate of its own")
    func reasoning() {
        let usage = TokenUsage(output: 100, reasoning: 30)
        var price = Price(.init(input: 1_000_000, output: 2_000_000))
        #expect(price.cost(of: usage) == 200)
        price.rates.reasoning = 5_000_000
        #expect(price.cost(of: usage) == 70 * 2 + 30 * 5)
    }

    @Test("a sum is rounded once, to the nearest")
    func rounding() {
        let price = Price(.init(input: 37_500_000, output: 0))
        #expect(price.cost(of: TokenUsage(input: 1)) == 38)
        #expect(price.cost(of: TokenUsage(input: 2)) == 75)
        #expect(price.cost(of: TokenUsage(input: 3)) == 113)
    }

    @Test("a long prompt has other rates for the whole call")
    func long() {
        var price = Price(.init(input: 1_000_000, output: 1_000_000))
        price.long = .init(above: 10, rates: .init(input: 5_000_000, output: 2_000_000))
        #expect(price.cost(of: TokenUsage(input: 10, output: 1)) == 11)
        #expect(price.cost(of: TokenUsage(input: 11, output: 1)) == 57)
        #expect(price.bound(input: 10, output: 1) == 11)
        #expect(price.bound(input: 11, output: 1) == 57)
    }

    @Test("what cannot be makes no cost negative, and no number is too large")
    func nonsense() {
        let usage = TokenUsage(
            input: 10, output: 5, cachedInput: 90, cacheWrite: 50, cacheWriteHour: 70,
            reasoning: 99)
        #expect(sonnet.cost(of: usage, beside: Beside(requests: 0)) == 10 * 300 + 5 * 15_000)
        #expect(sonnet.cost(of: TokenUsage(input: -5, output: -5)) == 7)
        #expect(sonnet.cost(of: TokenUsage(input: .max, output: .max)) == .max)
    }

    @Test("the bound is never below what a call of that size costs", arguments: 0..<200)
    func bound(seed: Int) {
        var generator = Seeded(UInt64(seed))
        let input = Int.random(in: 0...300_000, using: &generator)
        let output = Int.random(in: 0...50_000, using: &generator)
        let cached = Int.random(in: 0...input, using: &generator)
        let usage = TokenUsage(
            input: input, output: output, cachedInput: cached, cacheWrite: input - cached,
            cacheWriteHour: (input - cached) / 2, reasoning: output / 3)
        for entry in PriceBook.listed.lines {
            var price = entry.price
            price.tiers["priority"] = Int.random(in: 0...1_000, using: &generator)
            for tier in [nil, "batch", "priority", "unknown"] {
                var usage = usage
                usage.tier = tier
                #expect(price.cost(of: usage) <= price.bound(input: input, output: output))
            }
        }
    }

    @Test("a model without a line is unpriced, which is not the same as free")
    func unpriced() {
        let book = PriceBook.listed
        #expect(book.find("nobody-knows", of: "openai", at: 0) == .unpriced)
        #expect(book.find("nobody-knows", of: "openai", at: 0).price == nil)
        #expect(book.find("llama", of: "ollama", at: 0) == .free)
        #expect(book.find("llama", of: "ollama", at: 0).price?.cost(of: .init(input: 9)) == 0)
    }

    @Test("a line holds from its day on, until the next one does")
    func dates() {
        func price(_ amount: Int64) -> Price { Price(.init(input: amount, output: amount)) }
        let book = PriceBook([
            .init("p", "m", from: "2026-03-01", price(3)),
            .init("p", "m", from: "2026-01-15", price(1)),
            .init("p", "n", price(9)),
        ])
        let second: Int64 = 1_000
        #expect(book.find("m", of: "p", at: 1_768_435_199 * second) == .unpriced)
        #expect(book.find("m", of: "p", at: 1_768_435_200 * second) == .priced(price(1)))
        #expect(book.find("m", of: "p", at: 1_772_323_199 * second + 999) == .priced(price(1)))
        #expect(book.find("m", of: "p", at: 1_772_323_200 * second) == .priced(price(3)))
        #expect(book.find("n-2024-08-06", of: "p", at: -5) == .priced(price(9)))
        #expect(book.find("n-latest", of: "own", dialect: "p", at: 0) == .priced(price(9)))
    }

    @Test("a file adds lines, with what is paid for beside the tokens")
    func file() throws {
        let book = try PriceBook.listed.reading(
            Array(
                """
                {"prices": [{"provider": "p", "model": "m", "from": "2026-01-01", "input": 0.0375,
                    "output": "2", "cache_write_hour": 1, "batch_percent": 50, "search": 0.01,
                    "tiers": {"priority": 200},
                    "long": {"above": 5, "input": 1, "output": 3}},
                    {"provider": "openai", "model": "gpt-4o", "input": 1, "output": 1}],
                 "free": ["vllm"]}
                """.utf8))
        let price = try #require(book.find("m", of: "p", at: nil).price)
        #expect(price.rates.input == 37_500_000 && price.rates.output == 2_000_000_000)
        #expect(price.rates.cacheWriteHour == 1_000_000_000 && price.rates.cachedRead == nil)
        #expect(price.perSearch == 10_000_000 && price.tiers == ["batch": 50, "priority": 200])
        #expect(price.long?.above == 5 && price.long?.rates.output == 3_000_000_000)
        #expect(book.find("m", of: "p", at: 0) == .unpriced, "in 1970")
        #expect(book.find("x", of: "vllm", at: 0) == .free)
        #expect(book.find("gpt-4o", of: "openai", at: nil).price?.rates.input == 1_000_000_000)
    }

    @Test("lines that cannot be used are told with their places")
    func wrongFile() {
        do {
            _ = try PriceBook.listed.reading(
                Array(
                    """
                    {"prices": [{"provider": "p", "model": "m", "input": 1},
                        {"provider": "p", "model": "m", "input": -1, "output": 1, "from": "May",
                         "long": {}, "colour": 1}], "free": [7]}
                    """.utf8))
            Issue.record("it was taken")
        } catch {
            #expect(
                Set(error.fields?.map(\.pointer) ?? []) == [
                    "/prices/0", "/prices/1", "/prices/1/input", "/prices/1/colour", "/free/0",
                ])
        }
    }

    @Test("amounts are read and written without loss")
    func amounts() {
        #expect(NanoUSD.parse("12.5") == 12_500_000_000)
        #expect(NanoUSD.parse("0.000000001") == 1)
        #expect(NanoUSD.parse("999999999") == 999_999_999_000_000_000)
        for text in ["", "-1", "1e3", "1.", ".5", "0.0000000001", "1,5", "9999999999"] {
            #expect(NanoUSD.parse(text) == nil, "\(text)")
        }
        #expect(NanoUSD.text(12_500_000_000) == "12.5")
        #expect(NanoUSD.text(1) == "0.000000001")
        #expect(NanoUSD.text(-2_000_000_000) == "-2")
        #expect(
            NanoUSD.micro(1_499) == 1 && NanoUSD.micro(1_500) == 2 && NanoUSD.micro(-1_600) == -2)
    }
}

/// Chance that is the same in each run.
struct Seeded: RandomNumberGenerator {
    private var state: UInt64

    init(_ seed: UInt64) { state = seed &* 0x9E37_79B9_7F4A_7C15 | 1 }

    mutating func next() -> UInt64 {
        state ^= state << 13
        state ^= state >> 7
        state ^= state << 17
        return state
    }
}
