import Contracts
import REST

/// Runs, sessions and money as the HTTP surface shows them: times as RFC 3339, amounts in credits.
struct RunView: Codable, Sendable {
    var id: String
    var studio: String
    var title: String
    var state: String
    var progress: Double
    var currentStep: String?
    var error: String?
    var stopReason: String?
    var createdAt: String
    var startedAt: String?
    var endedAt: String?
    var cost: Double
    var lastSeq: Int64
    /// The gate that a waiting run waits at.
    var waitingFor: String?

    init(_ run: Orchestrator.Run) {
        (id, studio, title, state) = (run.id, run.studio, run.title, run.state)
        (progress, currentStep, error) = (run.progress, run.currentStep, run.error)
        stopReason = run.stopReason
        createdAt = rfc3339(run.createdAt)
        (startedAt, endedAt) = (run.startedAt.map(rfc3339), run.endedAt.map(rfc3339))
        (cost, lastSeq, waitingFor) = (credits(run.cost), run.lastSeq, run.waitingFor)
    }
}

struct ArtifactView: Codable, Sendable {
    var id: String
    var name: String
    var contentType: String
    var bytes: Int
    var sha256: String
    var version: Int
    var url: String
    var createdAt: String

    init(_ artifact: Storage.Artifact) {
        (id, name, contentType) = (artifact.id, artifact.name, artifact.contentType)
        (bytes, sha256, version) = (artifact.bytes, artifact.sha256, artifact.version)
        url = "/api/v1/artifacts/\(artifact.id)/content"
        createdAt = rfc3339(artifact.createdAt)
    }
}

struct Page<Item: Codable & Sendable>: Codable, Sendable {
    var items: [Item]
    var nextCursor: String?

    /// The end of a list is written out: `next_cursor` is null there.
    func encode(to encoder: any Encoder) throws {
        var container = encoder.container(keyedBy: CodingKeys.self)
        try container.encode(items, forKey: .items)
        try container.encode(nextCursor, forKey: .nextCursor)
    }
}

/// Thousandths of a credit as credits.
func credits(_ thousandths: Int64) -> Double { Double(thousandths) / 1_000 }
