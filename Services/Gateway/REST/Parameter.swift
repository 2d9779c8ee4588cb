/// What a request may say beside its path and its body, as the reference tells it.
public struct Parameter: Sendable {
    /// Where it stands.
    public enum Place: String, Sendable { case query, header }
    /// What it takes.
    public enum Kind: Sendable {
        case text
        case number(ClosedRange<Int>)
        case choice([String])
    }

    public let name: String
    public let place: Place
    public let kind: Kind
    public let summary: String

    public init(_ name: String, in place: Place, _ kind: Kind, _ summary: String) {
        (self.name, self.place) = (name, place)
        (self.kind, self.summary) = (kind, summary)
    }

    /// A text of the query.
    public static func text(_ name: String, _ summary: String) -> Parameter {
        Parameter(name, in: .query, .text, summary)
    }

    /// A whole number of the query.
    public static func number(
        _ name: String, _ range: ClosedRange<Int>, _ summary: String
    ) -> Parameter {
        Parameter(name, in: .query, .number(range), summary)
    }

    /// One of some words, of the query.
    public static func choice(
        _ name: String, _ words: [String], _ summary: String
    ) -> Parameter {
        Parameter(name, in: .query, .choice(words), summary)
    }

    /// A header field.
    public static func header(_ name: String, _ summary: String) -> Parameter {
        Parameter(name, in: .header, .text, summary)
    }
}
