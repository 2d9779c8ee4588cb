/// A document as a tree, as CommonMark with GitHub's tables, strikethrough, task lists and links
/// reads it. Everything that is written elsewhere (HTML, Word) is made from this.
public struct Markdown: Sendable, Equatable {
    public var blocks: [Block]

    public init(blocks: [Block]) { self.blocks = blocks }

    /// The words of the first heading.
    public var title: String? {
        for case .heading(_, let words) in blocks where !words.isEmpty { return words.plainText }
        return nil
    }

    public indirect enum Block: Sendable, Equatable {
        case heading(level: Int, [Inline])
        case paragraph([Inline])
        case quote([Block])
        case list(List)
        case code(language: String, text: String)
        case rule
        case table(Table)
    }

    public struct List: Sendable, Equatable {
        /// The first number; nil for a list of bullets.
        public var start: Int?
        public var items: [Item]
    }

    public struct Item: Sendable, Equatable {
        /// Whether a task is done; nil for what is no task.
        public var isDone: Bool?
        public var blocks: [Block]
    }

    public struct Table: Sendable, Equatable {
        public enum Alignment: Sendable, Equatable { case none, left, center, right }

        public var alignments: [Alignment]
        /// The first row is the head; every row has as many cells as there are alignments.
        public var rows: [[[Inline]]]
    }

    public indirect enum Inline: Sendable, Equatable {
        case text(String)
        case emphasis([Inline])
        case strong([Inline])
        case strikethrough([Inline])
        case code(String)
        case link(url: String, [Inline])
        /// Shown by reference: nothing is fetched from anywhere.
        case image(url: String, description: String)
        case lineBreak
        case softBreak
    }
}

extension [Markdown.Inline] {
    /// The words alone.
    public var plainText: String {
        reduce(into: "") { text, inline in
            switch inline {
            case .text(let part), .code(let part): text += part
            case .emphasis(let parts), .strong(let parts), .strikethrough(let parts),
                .link(_, let parts):
                text += parts.plainText
            case .image(_, let description): text += description
            case .lineBreak, .softBreak: text += " "
            }
        }
    }
}
