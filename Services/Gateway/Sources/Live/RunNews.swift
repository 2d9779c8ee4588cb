import Contracts

/// One piece of a run's stream, as bytes that are made once for everybody who watches.
struct NewsPiece: Sendable {
    enum Kind: Sendable {
        case event(Int64)
        case text(Orchestrator.TextPiece)
        /// The run has ended.
        case end
    }

    let kind: Kind
    let bytes: [UInt8]

    private init(_ kind: Kind, _ text: String) { (self.kind, bytes) = (kind, Array(text.utf8)) }

    init(_ text: Orchestrator.TextPiece) {
        self.init(.text(text), "event: token\ndata: \(EventJSON.object(text))\n\n")
    }

    init(_ event: Orchestrator.Event) {
        self.init(
            .event(event.seq),
            "id: \(event.seq)\nevent: \(event.type)\ndata: \(EventJSON.object(event))\n\n")
    }

    static func end(_ state: String) -> NewsPiece {
        NewsPiece(.end, "event: end\ndata: {\"state\":\(EventJSON.quoted(state))}\n\n")
    }

    /// Whether an answer tells nothing but that all is well.
    static func isBeat(_ news: Orchestrator.News) -> Bool {
        news.events.isEmpty && news.texts.isEmpty && !news.isEnded
    }

    /// In the order in which they are told: what a step has written stands before the event that
    /// ends it.
    static func all(of news: Orchestrator.News) -> [NewsPiece] {
        var pieces: [NewsPiece] = []
        var texts = news.texts
        for event in news.events {
            if event.type == "turn.completed" {
                pieces += texts.filter { $0.step == event.step }.map { NewsPiece($0) }
                texts.removeAll { $0.step == event.step }
            }
            pieces.append(NewsPiece(event))
        }
        pieces += texts.map { NewsPiece($0) }
        if news.isEnded { pieces.append(.end(news.state)) }
        return pieces
    }
}

/// How far somebody has seen a run: every event once and in order, every byte of a text once.
struct NewsCursor: Sendable {
    private static let mostMarks = 16

    enum Taken: Equatable {
        /// Something before it is missing.
        case gap
        /// Seen already.
        case known
        case new([UInt8])
    }

    /// The last event seen; 0 for none.
    private(set) var after: Int64
    /// How much of the texts in progress has been seen.
    private(set) var marks: [Orchestrator.TextMark] = []
    private(set) var isEnded = false

    init(after: Int64) { self.after = after }

    mutating func take(_ piece: NewsPiece) -> Taken {
        switch piece.kind {
        case .event(let number):
            guard number > after else { return .known }
            guard number == after + 1 else { return .gap }
            after = number
            return .new(piece.bytes)
        case .text(let text): return take(text, piece.bytes)
        case .end:
            isEnded = true
            return .new(piece.bytes)
        }
    }

    private mutating func take(_ text: Orchestrator.TextPiece, _ bytes: [UInt8]) -> Taken {
        let size = text.text.utf8.count
        var seen = 0
        if let mark = marks.first(where: { $0.step == text.step }) {
            guard mark.attempt <= text.attempt else { return .known }
            if mark.attempt == text.attempt {
                seen = mark.offset
                if text.offset + size <= seen { return .known }
            }
        }
        guard text.offset <= seen else { return .gap }
        note(text, end: text.offset + size)
        guard text.offset < seen else { return .new(bytes) }
        var rest = text
        rest.offset = seen
        rest.text = String(decoding: text.text.utf8.dropFirst(seen - text.offset), as: UTF8.self)
        return .new(NewsPiece(rest).bytes)
    }

    private mutating func note(_ text: Orchestrator.TextPiece, end: Int) {
        marks.removeAll { $0.step == text.step }
        marks.append(.init(step: text.step, attempt: text.attempt, offset: end))
        if marks.count > Self.mostMarks { marks.removeFirst(marks.count - Self.mostMarks) }
    }
}
