import Contracts
import HTTP
import MeshContract
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
    /// The run that this one shares its beginning with, and the step where they part.
    var forkedFrom: String?
    var forkedAt: String?
    /// In credits.
    var spendLimit: Double?
    /// In seconds.
    var timeLimit: Int?
    /// Whose members see it; absent for the user's alone.
    var workspaceId: String?
    /// The user's own name for what it belongs to.
    var projectId: String?

    init(_ run: Orchestrator.Run) {
        (id, studio, title, state) = (run.id, run.studio, run.title, run.state)
        (progress, currentStep, error) = (run.progress, run.currentStep, run.error)
        stopReason = run.stopReason
        createdAt = rfc3339(run.createdAt)
        (startedAt, endedAt) = (run.startedAt.map(rfc3339), run.endedAt.map(rfc3339))
        (cost, lastSeq, waitingFor) = (credits(run.cost), run.lastSeq, run.waitingFor)
        (forkedFrom, forkedAt) = (run.forkedFrom, run.forkedAt)
        (spendLimit, timeLimit) = (run.spendLimit.map(credits), run.seconds)
        (workspaceId, projectId) = (run.workspace, run.project)
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
    /// `agent:<name>` or `user:<id>`, where that was said.
    var author: String?

    init(_ artifact: Storage.Artifact) {
        (id, name, contentType) = (artifact.id, artifact.name, artifact.contentType)
        (bytes, sha256, version) = (artifact.bytes, artifact.sha256, artifact.version)
        url = "/api/v1/artifacts/\(artifact.id)/content"
        (createdAt, author) = (rfc3339(artifact.createdAt), artifact.author)
    }
}

struct Page<Item: Codable & Sendable>: Codable, Sendable {
    var items: [Item]
    var nextCursor: String?

    /// A page of a list that is short enough to be read whole: `?limit=` items after the one that
    /// `?cursor=` names. Throws `invalid` for a cursor that leads nowhere.
    init(
        _ all: [Item], _ incoming: Incoming, in range: ClosedRange<Int> = 1...200,
        by name: (Item) -> String
    ) throws(Fault) {
        let limit = try incoming.number("limit", default: range.upperBound, in: range)
        var rest = all[...]
        if let cursor = incoming.request.queryValue("cursor") {
            guard let place = all.firstIndex(where: { name($0) == cursor }) else {
                throw Fault(.invalid, "?cursor= takes a page's next_cursor")
            }
            rest = all[(place + 1)...]
        }
        items = Array(rest.prefix(limit))
        nextCursor = rest.count > limit ? items.last.map(name) : nil
    }

    init(items: [Item], nextCursor: String? = nil) {
        (self.items, self.nextCursor) = (items, nextCursor)
    }

    /// The end of a list is written out: `next_cursor` is null there.
    func encode(to encoder: any Encoder) throws {
        var container = encoder.container(keyedBy: CodingKeys.self)
        try container.encode(items, forKey: .items)
        try container.encode(nextCursor, forKey: .nextCursor)
    }
}

/// Thousandths of a credit as credits.
func credits(_ thousandths: Int64) -> Double { Double(thousandths) / 1_000 }

/// Credits as thousandths. Throws `invalid` for what no account can come to.
func thousandths(_ credits: Double, at pointer: String) throws(Fault) -> Int64 {
    guard (0...1e12).contains(credits) else {
        throw Fault(
            .invalid, "a field was refused", fields: [FieldFault(pointer, "is not 0 to 1e12")])
    }
    return Int64((credits * 1_000).rounded())
}
