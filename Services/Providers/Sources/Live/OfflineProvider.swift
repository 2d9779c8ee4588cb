import Dialects
import EventLoop
import Offline
import ServiceKit

/// The built-in provider: mechanical edits, written at a pace at which a person sees them come.
struct OfflineProvider: Sendable {
    let pool: BlockingPool
    /// For each piece; none at all for zero.
    let pace: Duration

    /// Pieces that fall due within this time are written together: one timer for them all.
    private static let tick = Duration.milliseconds(15)

    /// What one answer may take in all: a long document is written faster.
    private static let longest = Duration.seconds(8)

    /// Answers a question by rules, from its texts alone.
    func answer(
        _ request: ModelRequest, _ line: Tally.Line, _ hear: Asking.Hear
    ) async throws {
        let system = Self.system(request)
        let messages = request.messages.compactMap { message in
            Self.role(message.role).map { (role: $0, content: message.text) }
        }
        let pieces = try await pool.run {
            Offline.pieces(of: Offline.reply(system: system, messages: messages))
        }
        let input =
            Offline.tokens(in: system)
            + messages.reduce(0) { $0 + Offline.tokens(in: $1.content) }
        func tell(_ events: [ModelEvent]) async throws {
            line.take(events)
            // No tokenizer is run, so the figures are estimates.
            let output = (line.figures.outputBytes + 3) / 4
            line.note { $0.usage = TokenUsage(input: input, output: output, isEstimated: true) }
            try await hear(events)
        }
        try await tell([.start(AnswerHead(model: request.model)), .open(0, .plain(""))])
        try await write(pieces, tell, isPaced: request.isStreamed)
        let usage = line.figures.usage ?? TokenUsage(isEstimated: true)
        try await tell([.close(0), .usage(usage), .stop(Stop(.end))])
    }

    private func write(
        _ pieces: [String], _ tell: ([ModelEvent]) async throws -> Void, isPaced: Bool
    ) async throws {
        let begun = monotonic()
        let each = isPaced ? min(pace, Self.longest / max(pieces.count, 1)).nanoseconds : 0
        var written = 0
        while written < pieces.count {
            try Task.checkCancellation()
            let due = each == 0 ? pieces.count : Int((monotonic() - begun) / each) + 1
            let end = min(due, pieces.count)
            if end > written { try await tell([.text(0, pieces[written..<end].joined())]) }
            written = max(end, written)
            if written < pieces.count { try await Task.sleep(for: max(pace, Self.tick)) }
        }
    }

    private static func system(_ request: ModelRequest) -> String {
        let leading = request.messages.filter { $0.role == .system || $0.role == .developer }
        return (request.system.compactMap(\.text) + leading.map(\.text)).joined(separator: "\n\n")
    }

    private static func role(_ role: ModelMessage.Role) -> String? {
        switch role {
        case .user: "user"
        case .assistant: "assistant"
        case .system, .developer, .tool: nil
        }
    }
}
