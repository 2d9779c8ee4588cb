import Contracts
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

    func write(_ request: Providers.Generate, into live: LiveAnswer) async throws -> StopReason {
        let pieces = try await pool.run {
            let messages = request.messages.map { (role: $0.role, content: $0.content) }
            return Offline.pieces(of: Offline.reply(system: request.system, messages: messages))
        }
        let begun = monotonic()
        let each = min(pace, Self.longest / max(pieces.count, 1)).nanoseconds
        var written = 0
        while written < pieces.count {
            try Task.checkCancellation()
            let due = each == 0 ? pieces.count : Int((monotonic() - begun) / each) + 1
            let end = min(due, pieces.count)
            if end > written { try live.append(pieces[written..<end].joined()) }
            written = max(end, written)
            if written < pieces.count { try await Task.sleep(for: max(pace, Self.tick)) }
        }
        return .end
    }

    /// No tokenizer is run, so the figures are estimates.
    static func usage(_ request: Providers.Generate, outputBytes: Int) -> TokenUsage {
        let input =
            Offline.tokens(in: request.system)
            + request.messages.reduce(0) { $0 + Offline.tokens(in: $1.content) }
        return TokenUsage(input: input, output: (outputBytes + 3) / 4, isEstimated: true)
    }
}
