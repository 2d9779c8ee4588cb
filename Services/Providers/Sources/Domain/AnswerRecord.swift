import Contracts
import MeshContract

/// One row of the kept answers.
struct AnswerRecord: Sendable {
    enum State: String, Sendable { case generating, completed, failed, cancelled }

    var key: String
    var digest: String
    var provider: String
    var model: String
    var isOffline: Bool
    var attempt: Int
    var state: State
    var epoch: String
    /// Nil before the end, and once it was let go.
    var text: String?
    /// Wall nanoseconds when the newest byte came.
    var newest: Int64
    var completion: Providers.Completion?
    var fault: Fault?

    var info: Providers.StreamInfo {
        Providers.StreamInfo(
            key: key, attempt: attempt, provider: provider, model: model, isOffline: isOffline)
    }
}

/// How one attempt has ended, for the row and for the books.
struct AnswerEnding: Sendable {
    var state: AnswerRecord.State
    var text: String
    var newest: Int64
    var stopReason: String?
    var fault: Fault?
    /// Without its number, which the log gives.
    var entry: Providers.UsageEntry
}
