/// A guess at how many tokens a model reads a text as, without its tokenizer.
public enum TokenEstimate {
    /// About four ASCII characters are a token, and of other scripts each character nearly one. Meant
    /// to be a little too high: what is cut by it fits.
    public static func tokens(in text: String) -> Int {
        var (ascii, others) = (0, 0)
        for byte in text.utf8 {
            if byte < 0x80 { ascii += 1 } else if byte & 0xC0 != 0x80 { others += 1 }
        }
        return (ascii + 3) / 4 + others
    }
}

/// What a model can read and write at once, in tokens; nil where that is not known.
public struct ModelWindow: Codable, Sendable, Hashable {
    public var contextTokens: Int?
    public var outputTokens: Int?

    public init(contextTokens: Int?, outputTokens: Int?) {
        (self.contextTokens, self.outputTokens) = (contextTokens, outputTokens)
    }

    /// What a model of unknown size is taken to read.
    public static let assumed = 100_000

    /// Room for a long document, if the model has it.
    public static let mostOutput = 16_000

    /// How much of the window an answer may take.
    public var answerTokens: Int {
        let half = (contextTokens ?? Self.assumed) / 2
        return max(256, min(Self.mostOutput, outputTokens ?? Self.mostOutput, half))
    }

    /// What is left for references beside a prompt without them. Nil when even that prompt is too long
    /// for what the model is known to read.
    public func room(beside prompt: Int) -> Int? {
        let context = contextTokens ?? Self.assumed
        // Estimates err, and a model refuses the whole when it is over by one.
        let left = context - answerTokens - prompt - max(200, context / 20)
        return left < 0 && contextTokens != nil ? nil : max(0, left)
    }
}

/// What of a reference a model did not get to read.
public struct ReferenceCut: Codable, Sendable, Hashable {
    /// The reference's name.
    public var name: String
    /// Estimates, in tokens.
    public var keptTokens: Int
    public var totalTokens: Int

    public init(name: String, keptTokens: Int, totalTokens: Int) {
        (self.name, self.keptTokens, self.totalTokens) = (name, keptTokens, totalTokens)
    }

    enum CodingKeys: String, CodingKey {
        case name
        case keptTokens = "kept_tokens"
        case totalTokens = "total_tokens"
    }
}

/// References cut to what a model can read.
public struct FittedReferences: Sendable, Hashable {
    public var materials: [Material]
    public var cuts: [ReferenceCut]

    /// A share below this many tokens says nothing: the reference is left out whole.
    private static let smallest = 64
    /// The delimiter lines around each.
    private static let frame = 24

    /// Gives every reference what it needs where there is room, and else the longest ones less: as much
    /// as makes all fit.
    public init(_ references: [Material], room: Int) {
        let sizes = references.map { TokenEstimate.tokens(in: $0.text) + Self.frame }
        guard sizes.reduce(0, +) > room else {
            (materials, cuts) = (references, [])
            return
        }
        let share = Self.share(sizes, room)
        (materials, cuts) = ([], [])
        for (reference, size) in zip(references, sizes) {
            guard size > share else {
                materials.append(reference)
                continue
            }
            let total = size - Self.frame
            let kept = Self.beginning(of: reference.text, tokens: share - Self.frame * 2)
            let tokens = TokenEstimate.tokens(in: kept)
            if tokens >= Self.smallest {
                let note =
                    "[About \(total - tokens) of \(total) tokens were left out here: this model "
                    + "cannot read more at once.]"
                materials.append(Material(name: reference.name, text: kept + "\n\n" + note))
            }
            cuts.append(
                ReferenceCut(
                    name: reference.name, keptTokens: tokens >= Self.smallest ? tokens : 0,
                    totalTokens: total))
        }
    }

    /// The size at which the longer ones are cut, so that together they fit.
    private static func share(_ sizes: [Int], _ room: Int) -> Int {
        var (rest, count) = (max(0, room), sizes.count)
        for size in sizes.sorted() {
            let share = rest / max(count, 1)
            guard size <= share else { return share }
            (rest, count) = (rest - size, count - 1)
        }
        return rest
    }

    /// The first so many tokens, ending with a paragraph, a line or a sentence where one ends late
    /// enough.
    private static func beginning(of text: String, tokens: Int) -> String {
        guard tokens >= smallest else { return "" }
        var (quarters, end) = (0, text.startIndex)
        for scalar in text.unicodeScalars {
            quarters += scalar.isASCII ? 1 : 4
            if quarters > tokens * 4 { break }
            end = text.unicodeScalars.index(after: end)
        }
        let kept = Array(text[..<end].utf8)
        for mark in ["\n\n", "\n", ". "] {
            if let cut = last(Array(mark.utf8), in: kept) {
                return Byte.string(kept[..<cut]).trimmed
            }
        }
        return Byte.string(kept).trimmed
    }

    /// Where the last such mark of the final quarter ends.
    private static func last(_ mark: [UInt8], in bytes: [UInt8]) -> Int? {
        var at = bytes.count - mark.count
        while at >= bytes.count * 3 / 4, at >= 0 {
            if bytes[at..<at + mark.count].elementsEqual(mark) { return at + mark.count }
            at -= 1
        }
        return nil
    }
}
