import Dialects
import EventLoop

/// One question to a model, whoever asks it and in whatever dialect.
struct Ask: Sendable {
    /// Who asks: whose limits and budgets hold, and in whose books it stands.
    struct Caller: Sendable, Equatable {
        var user: String
        var project: String?
        var run = ""
        var apiKeyID: String?
        var agent = ""
    }

    /// What is asked. Its `model` is set to the provider's own name by whoever sends it.
    var request: ModelRequest
    /// The provider that is asked for; nil where the model's name or the configuration decides.
    var provider: String?
    /// The model by the name that the caller gave: a model, a role, `provider/model`; nil for the
    /// default.
    var model: String?
    /// The dialect in which it was asked: a provider that speaks the same loses nothing of it.
    var dialect: DialectName?
    var caller: Caller
    /// Stable over retries and crashes; nil for a question that is asked once.
    var key: String?
    /// The moment of the monotonic clock at which nobody waits any more.
    var deadline = UInt64.max
}

extension Ask.Caller {
    /// A project is its user's own, whatever others call theirs: a budget's subject is `user/project`.
    static func subject(of project: String?, _ user: String) -> String? {
        project.map { "\(user)/\($0.prefix(128))" }
    }

    /// By the name that its user gave it.
    var projectName: String? {
        project.map { String(Substring($0.utf8.dropFirst(user.utf8.count + 1))) }
    }
}

/// The same for vectors.
struct EmbeddingAsk: Sendable {
    var request: EmbeddingRequest
    var provider: String?
    var model: String?
    var caller: Ask.Caller
    var deadline = UInt64.max
}

/// Has questions answered, by one provider or by several in turn.
///
/// What fails is an `UpstreamFailure`, an `HTTPClientError`, a `Fault` or a `CancellationError`;
/// none holds a key. Cancelling the task ends the request to the provider at once. What was used
/// stands in the tally, also after a failure.
protocol Asking: Sendable {
    /// Takes the steps of an answer in their order, several at once where they came at once. While
    /// it does not return, the provider is held back.
    typealias Hear = @Sendable ([ModelEvent]) async throws -> Void

    /// Returns once the answer is whole. What `hear` was given is never taken back: a question that
    /// has been answered in part is not asked again.
    func ask(_ ask: Ask, tally: Tally, hear: Hear) async throws

    func embed(_ ask: EmbeddingAsk, tally: Tally) async throws -> EmbeddingAnswer

    /// How many tokens a question has: the provider's figure, or an estimate of ours.
    func count(_ ask: Ask) async throws -> TokenUsage
}
