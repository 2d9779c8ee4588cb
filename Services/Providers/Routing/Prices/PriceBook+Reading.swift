import Dialects
public import MeshContract

extension PriceBook {
    static let mostLines = 10_000

    /// The same with the lines of a file, which go before ours for the same model and day.
    ///
    /// `{"prices": [{"provider": "groq", "model": "llama", "from": "2026-01-31", "input": 0.59,
    /// "output": 0.79}], "free": ["vllm"]}`, in US dollars for a million tokens; `request`, `search`
    /// and `image` are dollars each. `"tiers": {"priority": 200}` are hundredths of the price of tokens
    /// in another class of service; `"batch_percent": 50` is short for that of batches. Whatever is wrong is told at once, with pointers (RFC 6901).
    public func reading(_ bytes: [UInt8]) throws(Fault) -> PriceBook {
        let value: JSONValue
        do {
            value = try JSONValue(parsing: bytes, limits: JSONLimits(bytes: 4 << 20, depth: 16))
        } catch {
            throw Fault(.invalid, "the prices cannot be read", detail: error.words)
        }
        var reading = RouteReading(known: [])
        let root = Node(value, "")
        reading.check(root, knows: ["prices", "free"])
        var book = self
        for node in reading.items(of: root, "prices", 0...Self.mostLines) {
            if let entry = reading.price(node) { book.add(entry) }
        }
        for node in reading.items(of: root, "free", 0...100) {
            if let name = node.value.string {
                book.makeFree(name)
            } else {
                reading.blame(node.pointer, "is a provider's name")
            }
        }
        guard reading.faults.isEmpty else {
            throw Fault(
                .invalid, "the prices cannot be used", fields: Array(reading.faults.prefix(50)))
        }
        return book
    }
}

extension RouteReading {
    private static let rateNames: Set<String> = [
        "input", "output", "cached_read", "cache_write", "cache_write_hour", "reasoning",
    ]

    mutating func price(_ node: Node) -> PriceBook.Entry? {
        check(
            node,
            knows: Self.rateNames.union([
                "provider", "model", "from", "long", "batch_percent", "tiers", "request", "search",
                "image",
            ]))
        guard let provider = text(node, "provider"), let model = text(node, "model"),
            let rates = rates(node)
        else {
            blame(node.pointer, "needs provider, model, input and output")
            return nil
        }
        let from = text(node, "from") ?? ""
        if !from.isEmpty, !Self.isDay(from) {
            blame(node.pointer + "/from", "is a day, as in 2026-01-31")
        }
        var price = Price(rates)
        if let long = node["long"] {
            check(long, knows: Self.rateNames.union(["above"]))
            if let above = number(long, "above", 1...1_000_000_000), let rates = self.rates(long) {
                price.long = .init(above: above, rates: rates)
            } else {
                blame(long.pointer, "needs above, input and output")
            }
        }
        price.tiers = tiers(node)
        price.perRequest = amount(node, "request") ?? 0
        price.perSearch = amount(node, "search") ?? 0
        price.perImage = amount(node, "image") ?? 0
        return PriceBook.Entry(provider, model, from: from, price)
    }

    private mutating func tiers(_ node: Node) -> [String: Int] {
        var tiers: [String: Int] = [:]
        if let table = node["tiers"] {
            for name in table.value.object?.keys.sorted() ?? [] {
                tiers[name] = number(table, name, 0...1_000)
            }
            if table.value.object == nil {
                blame(table.pointer, "is percents by the names of classes of service")
            }
        }
        if let batch = number(node, "batch_percent", 0...100) { tiers["batch"] = batch }
        return tiers
    }

    private mutating func rates(_ node: Node) -> Price.Rates? {
        guard let input = amount(node, "input"), let output = amount(node, "output") else {
            return nil
        }
        return Price.Rates(
            input: input, output: output, cachedRead: amount(node, "cached_read"),
            cacheWrite: amount(node, "cache_write"),
            cacheWriteHour: amount(node, "cache_write_hour"),
            reasoning: amount(node, "reasoning"))
    }

    /// Dollars as nano-dollars, by their digits.
    private mutating func amount(_ node: Node, _ name: String) -> Int64? {
        guard let value = node[name]?.value else { return nil }
        let digits: String? =
            switch value {
            case .number(let number): number.literal
            case .string(let text): text
            default: nil
            }
        guard let amount = digits.flatMap(NanoUSD.parse), amount <= 1_000_000_000_000_000 else {
            blame("\(node.pointer)/\(name)", "is an amount of dollars, as in 0.075")
            return nil
        }
        return amount
    }

    private static func isDay(_ text: String) -> Bool {
        let bytes = Array(text.utf8)
        guard bytes.count == 10, bytes[4] == 0x2D, bytes[7] == 0x2D else { return false }
        return bytes.enumerated().allSatisfy { index, byte in
            index == 4 || index == 7 || (0x30...0x39).contains(byte)
        }
    }
}
