/// What a call has used, counted alike for every provider.
public struct TokenUsage: Codable, Sendable, Equatable {
    /// All tokens of the request, with those read from and written to a cache.
    public var input: Int
    /// All tokens of the reply, reasoning included.
    public var output: Int
    /// Of `input`, read from a cache.
    public var cachedInput: Int
    /// Of `input`, written to a cache.
    public var cacheWrite: Int
    /// Of `cacheWrite`, kept for an hour, which has its own price.
    public var cacheWriteHour: Int
    /// Of `output`, spent on reasoning.
    public var reasoning: Int
    /// Searches and pictures that the provider made for the reply: they have prices of their own.
    public var searches: Int
    public var images: Int
    /// True when a figure was worked out here because the provider gave none.
    public var isEstimated: Bool
    /// The class of service that the provider says it was served in, where that is not the usual one:
    /// `batch`, `flex`, `priority`. Such tokens have a price of their own.
    public var tier: String?

    public init(
        input: Int = 0, output: Int = 0, cachedInput: Int = 0, cacheWrite: Int = 0,
        cacheWriteHour: Int = 0, reasoning: Int = 0, searches: Int = 0, images: Int = 0,
        isEstimated: Bool = false, tier: String? = nil
    ) {
        self.input = input
        self.output = output
        self.cachedInput = cachedInput
        self.cacheWrite = cacheWrite
        self.cacheWriteHour = cacheWriteHour
        self.reasoning = reasoning
        self.searches = searches
        self.images = images
        self.isEstimated = isEstimated
        self.tier = tier
    }

    /// For a reply whose figures never came, as after an interruption: four bytes to a token, a few
    /// tokens around each message, and about a thousand for a picture.
    public static func estimated(for request: ModelRequest, outputBytes: Int) -> TokenUsage {
        var bytes = 0
        var more = 0
        for message in [ModelMessage(.system, request.system)] + request.messages {
            for part in message.parts { weigh(part, &bytes, &more) }
            more += 4
        }
        for tool in request.tools {
            bytes += tool.name.utf8.count + (tool.description?.utf8.count ?? 0)
            bytes += tool.schema?.bytes.count ?? 0
        }
        return TokenUsage(
            input: (bytes + 3) / 4 + more, output: (outputBytes + 3) / 4, isEstimated: true)
    }

    private static func weigh(_ part: ContentPart, _ bytes: inout Int, _ more: inout Int) {
        switch part {
        case .text(let part): bytes += part.text.utf8.count
        case .media: more += 1_000
        case .toolCall(let call): bytes += call.name.utf8.count + call.arguments.utf8.count
        case .toolResult(let result):
            for part in result.parts { weigh(part, &bytes, &more) }
        case .thinking(let part): bytes += part.text.utf8.count
        case .redacted(let part): bytes += part.sealed.value.utf8.count
        case .other(let part): bytes += part.value.bytes.count
        }
    }
}

/// The class of service by a provider's own word; nil for the usual one. Anthropic calls that
/// `standard`, OpenAI `default`; `auto` is what was asked for, and says nothing of what was done.
func serviceTier(_ word: JSONValue?) -> String? {
    guard let word = word?.string, !["", "standard", "default", "auto"].contains(word) else {
        return nil
    }
    return String(word.prefix(32))
}

/// A count as a provider gives it, held to what any reply can have, so that sums cannot overflow.
func tokens(_ count: JSONValue?) -> Int { min(max(count?.int ?? 0, 0), 1 << 40) }
