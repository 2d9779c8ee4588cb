import Contracts
import Durable
import Mesh
import MeshContract

/// Reads one answer to its end, whatever becomes of the provider service meanwhile.
struct AnswerReader: Sendable {
    struct Answer: Sendable {
        var text: String
        var completion: Providers.Completion
        /// Who wrote it in the end: another attempt may have gone to another provider.
        var stream: Providers.StreamInfo
    }

    /// How long one question for more text waits.
    private static let wait = 10_000
    /// Reads in a row that may fail without a word of text between them.
    private static let mostLosses = 6
    /// Times that an answer is begun within one try of the step: each may be paid by us.
    private static let mostBeginnings = 3

    let mesh: MeshClient
    let live: LiveText
    let run: String
    let agent: String
    /// As the stream was asked for: the same key, and word for word the same.
    let request: Providers.Generate
    /// The step that has asked for it.
    let place: String

    /// Pulls the text as it is written. A provider service that was restarted has lost an answer in
    /// progress: it is asked again under the same key, and its text begins again at offset 0.
    func read(_ first: Providers.StreamInfo, in step: Step) async throws -> Answer {
        var (stream, text, offset) = (first, "", 0)
        var (losses, beginnings) = (0, 1)
        begin(stream)
        while true {
            let asked = ContinuousClock.now
            let piece: Providers.StreamPiece
            do {
                piece = try await next(of: stream, from: offset)
            } catch {
                losses += 1
                let again = try await askAgain(after: error, losses, stream)
                if again.attempt != stream.attempt {
                    (text, offset) = ("", 0)
                    beginnings += 1
                }
                guard beginnings <= Self.mostBeginnings else {
                    throw AnswerFailure(error, isPermanent: true, retryFrom: place)
                }
                stream = again
                begin(stream)
                continue
            }
            if !piece.text.isEmpty {
                guard piece.nextOffset == offset + piece.text.utf8.count else {
                    throw Fault(.internal, "a piece of the answer has the wrong length")
                }
                live.append(
                    piece.text, at: offset, to: stream.key, of: run, attempt: stream.attempt,
                    leftAt: piece.leftProviderAt)
                (text, offset, losses) = (text + piece.text, piece.nextOffset, 0)
                try step.progress(Durable.Done())
            }
            if let completion = piece.completion {
                return Answer(text: text, completion: completion, stream: stream)
            }
            // Whoever answers nothing at once must not be asked as fast.
            if piece.text.isEmpty, ContinuousClock.now - asked < .milliseconds(20) {
                try await Task.sleep(for: .milliseconds(20))
            }
        }
    }

    private func begin(_ stream: Providers.StreamInfo) {
        live.begin(stream.key, of: run, attempt: stream.attempt, agent: agent)
    }

    private func next(
        of stream: Providers.StreamInfo, from offset: Int
    ) async throws(Fault) -> Providers.StreamPiece {
        try await mesh.call(
            Providers.ReadStream(
                key: stream.key, attempt: stream.attempt, offset: offset,
                waitMilliseconds: Self.wait), within: .milliseconds(Self.wait + 5_000))
    }

    /// Asks for the answer again: where it goes on, this changes nothing; where it was lost, it is
    /// begun anew. Bounded here for a service that is there and fails, and by the step's patience
    /// for one that is away.
    private func askAgain(
        after fault: Fault, _ losses: Int, _ stream: Providers.StreamInfo
    ) async throws -> Providers.StreamInfo {
        // An answer that was cancelled must not be begun again.
        try Task.checkCancellation()
        let isElsewhere = fault.code == .conflict || fault.code == .notFound
        guard isElsewhere || fault.isTransient, losses <= Self.mostLosses else {
            throw AnswerFailure(fault, isPermanent: true, retryFrom: place)
        }
        if losses > 1 { try await Task.sleep(for: .milliseconds(25) * (1 << losses)) }
        let again = try await mesh.call(request)
        if isElsewhere, again.attempt == stream.attempt { throw fault }
        return again
    }
}
