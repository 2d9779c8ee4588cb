/// How much a model is to reason, and what of it is to be seen. Dialects ask in tokens, in words of
/// effort, or for yes and no; each is kept, and turned into what the other side takes.
public struct ThinkingWish: Sendable, Equatable {
    public enum Mode: Sendable, Equatable {
        case off, on
        /// The model decides.
        case adaptive
        case other(String)
    }

    public var mode: Mode?
    /// Most tokens of reasoning.
    public var budget: Int?
    public var effort: Effort?
    /// Which form the reasoning is shown in: the dialect's word.
    public var display: String?
    public var extras: Extras

    public init(
        _ mode: Mode? = nil, budget: Int? = nil, effort: Effort? = nil, display: String? = nil,
        extras: Extras = Extras()
    ) {
        (self.mode, self.budget, self.effort) = (mode, budget, effort)
        (self.display, self.extras) = (display, extras)
    }

    /// The effort that was asked for, or that the budget amounts to.
    var weight: Effort? {
        if let effort { return effort }
        if mode == .off { return Effort.none }
        guard let budget else { return nil }
        return switch budget {
        case ...0: Effort.none
        case ...2_048: .low
        case ...8_192: .medium
        case ...24_576: .high
        default: .max
        }
    }

    /// The budget that was asked for, or that the effort amounts to.
    var tokens: Int? {
        if let budget { return budget }
        return switch effort {
        case .minimal?, .low?: 1_024
        case .medium?: 8_192
        case .high?: 16_384
        case .xhigh?, .max?: 32_768
        default: nil
        }
    }

    /// True when no reasoning is wanted at all.
    var isOff: Bool { mode == .off || effort == Effort.none || budget == 0 }
}

/// Words of effort, an open set: providers add to it.
public struct Effort: RawRepresentable, Sendable, Hashable {
    public let rawValue: String

    public init(rawValue: String) { self.rawValue = rawValue }

    public static let none = Effort(rawValue: "none")
    public static let minimal = Effort(rawValue: "minimal")
    public static let low = Effort(rawValue: "low")
    public static let medium = Effort(rawValue: "medium")
    public static let high = Effort(rawValue: "high")
    public static let xhigh = Effort(rawValue: "xhigh")
    public static let max = Effort(rawValue: "max")
}
