/// How much of each step's text has been shown, so that a stream that is read twice shows it once.
struct TextLedger: Sendable, Equatable {
    enum News: Sendable, Equatable {
        case nothing
        case more(String)
        /// The step is tried again: what was shown of it counts no longer.
        case again(String)
    }

    /// Steps remembered; the oldest is forgotten first.
    static let limit = 256

    private struct Mark: Sendable, Equatable {
        var attempt: Int
        var shown: Int
    }

    private var marks: [String: Mark] = [:]
    private var order: [String] = []

    mutating func take(_ token: TokenData) -> News {
        guard let mark = marks[token.step] else {
            remember(token)
            return token.text.isEmpty ? .nothing : .more(token.text)
        }
        if token.attempt < mark.attempt { return .nothing }
        if token.attempt > mark.attempt {
            remember(token)
            return .again(token.text)
        }
        let end = token.offset + token.text.utf8.count
        guard end > mark.shown else { return .nothing }
        marks[token.step]?.shown = end
        // Pieces follow one another; only after a return do they overlap what was shown.
        let known = max(mark.shown - token.offset, 0)
        return .more(String(decoding: token.text.utf8.dropFirst(known), as: UTF8.self))
    }

    private mutating func remember(_ token: TokenData) {
        if marks[token.step] == nil {
            order.append(token.step)
            if order.count > Self.limit { marks[order.removeFirst()] = nil }
        }
        marks[token.step] = Mark(
            attempt: token.attempt, shown: token.offset + token.text.utf8.count)
    }
}
