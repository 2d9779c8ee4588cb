import EventStream
import FoundationEssentials

/// One event of a run, as far as it is shown.
enum RunEvent: Sendable, Equatable {
    case runStarted
    case roundStarted(Int)
    case turnStarted(TurnData)
    case turnCompleted(TurnData)
    case roundCompleted(RoundData)
    case documentStored(StoredData)
    /// The run waits for a person.
    case gateOpened(GateData)
    /// References did not fit what a model reads.
    case referencesCut(CutData)
    case critiqueMerged(MergeData)
    /// An answer came into the document, as far as it was allowed to.
    case documentChanged(ChangeData)
    /// `completed`, `failed`, `cancelled`, `paused`, or `needs_attention`.
    case ended(RunEnd)
    case token(TokenData)
    /// The stream closes.
    case end
    /// Of a kind this program does not know yet.
    case other(String)

    /// From the stream's message. What cannot be read is `other`: a watcher never fails a run.
    init(_ event: ServerSentEvent) {
        switch event.type {
        case "token":
            self = Self.read(TokenData.self, event.text).map(Self.token) ?? .other(event.type)
        case "end": self = .end
        case "run.started": self = .runStarted
        case "round.started", "round.completed":
            guard let data = Self.read(Envelope<RoundData>.self, event.text)?.data else {
                self = .other(event.type)
                return
            }
            self = event.type == "round.started" ? .roundStarted(data.round) : .roundCompleted(data)
        case "turn.started", "turn.completed":
            guard let envelope = Self.read(Envelope<TurnData>.self, event.text) else {
                self = .other(event.type)
                return
            }
            var data = envelope.data
            data.step = envelope.step
            self = event.type == "turn.started" ? .turnStarted(data) : .turnCompleted(data)
        case "gate.opened":
            self =
                Self.read(Envelope<GateData>.self, event.text)
                .map { .gateOpened($0.data) } ?? .other(event.type)
        case "references.cut":
            self =
                Self.read(Envelope<CutData>.self, event.text)
                .map { .referencesCut($0.data) } ?? .other(event.type)
        case "critique.merged":
            self =
                Self.read(Envelope<MergeData>.self, event.text)
                .map { .critiqueMerged($0.data) } ?? .other(event.type)
        case "document.changed":
            self =
                Self.read(Envelope<ChangeData>.self, event.text)
                .map { .documentChanged($0.data) } ?? .other(event.type)
        case "document.stored":
            self =
                Self.read(Envelope<StoredData>.self, event.text)
                .map { .documentStored($0.data) } ?? .other(event.type)
        case "run.completed", "run.failed", "run.cancelled", "run.paused", "run.attention":
            let data = Self.read(Envelope<RunEnd>.self, event.text)?.data
            self = .ended(data ?? RunEnd(state: String(event.type.dropFirst(4))))
        default: self = .other(event.type)
        }
    }

    private static func read<T: Decodable>(_ type: T.Type, _ text: String) -> T? {
        try? JSONDecoder().decode(type, from: Data(text.utf8))
    }
}

private struct Envelope<Payload: Decodable>: Decodable {
    var step: String?
    var data: Payload
}

struct GateData: Codable, Sendable, Equatable {
    struct Question: Codable, Sendable, Equatable { var prompt: String? }

    var name: String
    var question: Question?
}

struct CutData: Codable, Sendable, Equatable {
    struct Cut: Codable, Sendable, Equatable {
        var name: String
        var kept: Int
        var total: Int

        enum CodingKeys: String, CodingKey {
            case name
            case kept = "kept_tokens"
            case total = "total_tokens"
        }
    }

    var agent: String
    var references: [Cut]
}

struct MergeData: Codable, Sendable, Equatable {
    var agents: [String]
    var notes: Int
    var repeated: Int
    var conflicts: Int
}

struct ChangeData: Codable, Sendable, Equatable {
    var agent: String
    var suggestions: [Int]
    /// The numbers of the changes that were kept out, by why.
    var keptOut: [String: [Int]]?

    enum CodingKeys: String, CodingKey {
        case agent, suggestions
        case keptOut = "kept_out"
    }
}

/// A state that a run came to, and why.
struct RunEnd: Codable, Sendable, Equatable {
    var state: String
    var reason: String?
    /// A fault's code, where a fault ended it.
    var code: String?

    /// A paused run, and one that needs attention, may still go on.
    var isFinal: Bool { ["completed", "failed", "cancelled"].contains(state) }
}

struct TurnData: Codable, Sendable, Equatable {
    var step: String?
    var round: Int
    var agent: String
    var role: String
    var provider: String?
    var model: String?
    var offline: Bool?
    var inputTokens: Int?
    var outputTokens: Int?
    var estimated: Bool?
    var cost: Double?
    var words: Int?
    var score: Double?

    enum CodingKeys: String, CodingKey {
        case step, round, agent, role, provider, model, offline, estimated, cost, words, score
        case inputTokens = "input_tokens"
        case outputTokens = "output_tokens"
    }
}

struct RoundData: Codable, Sendable, Equatable {
    var round: Int
    var score: Double?
    var criteria: CriteriaScores?
    var bestRound: Int?

    enum CodingKeys: String, CodingKey {
        case round, score, criteria
        case bestRound = "best_round"
    }
}

struct StoredData: Codable, Sendable, Equatable {
    var artifactID: String
    var name: String?
    var sha256: String?
    var bytes: Int?
    var version: Int?

    enum CodingKeys: String, CodingKey {
        case name, sha256, bytes, version
        case artifactID = "artifact_id"
    }
}

struct TokenData: Codable, Sendable, Equatable {
    var step: String
    var attempt: Int
    var agent: String
    /// In UTF-8 bytes of the text of this attempt.
    var offset: Int
    var text: String
}
