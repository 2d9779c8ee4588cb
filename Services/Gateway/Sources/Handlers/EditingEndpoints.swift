import Contracts
import HTTP
import Mesh
import MeshContract
import REST

/// What a person does to a session's document: edits, locks, words on suggestions, comparisons.
struct EditingEndpoints: Sendable {
    struct Edit: Decodable, Sendable {
        var document: String
        /// The `revision` that the person had before them.
        var base: String?
    }

    struct LockBody: Decodable, Sendable { var locks: [String] }

    struct Word: Decodable, Sendable {
        /// `accept` or `reject`.
        var decision: String
    }

    struct SuggestionView: Codable, Sendable {
        var number: Int
        var author: String
        var round: Int
        var before: String
        var after: String
        var reason: String?
        var reasonBy: String?
        var state: String
        var applied: Bool
        var obstacle: String?
        var pending: Bool
        var effect: String?

        init(_ suggestion: Orchestrator.Suggestion) {
            (number, author) = (suggestion.number, suggestion.author)
            (round, before, after) = (suggestion.round, suggestion.before, suggestion.after)
            (reason, reasonBy) = (suggestion.reason, suggestion.reasonBy)
            (state, applied) = (suggestion.state, suggestion.isApplied)
            (obstacle, pending) = (suggestion.obstacle, suggestion.isPending)
            effect = suggestion.effect
        }
    }

    struct DiffView: Codable, Sendable {
        var from: String
        var to: String
        /// By lines.
        var pieces: [Orchestrator.DocumentDiff.Piece]
        var words: [Orchestrator.DocumentDiff.Piece]
        var unified: String
        var wordsAdded: Int
        var wordsRemoved: Int
        var coarse: Bool

        init(_ diff: Orchestrator.DocumentDiff) {
            (from, to, pieces, words) = (diff.from, diff.to, diff.pieces, diff.words)
            (unified, coarse) = (diff.unified, diff.isCoarse)
            (wordsAdded, wordsRemoved) = (diff.wordsAdded, diff.wordsRemoved)
        }
    }

    /// A whole document, as JSON.
    private static let bodyLimit = 6 << 20

    let mesh: MeshClient

    var all: [Endpoint] {
        [
            .put(
                "/sessions/{id}/document", "Takes a person's edit of the document",
                bodyLimit: Self.bodyLimit, Edit.self, edit
            ).example(#"{"document": "The moon pulls the sea, twice a day."}"#),
            .put(
                "/sessions/{id}/locks", "Says which passages agents must leave as they are",
                bodyLimit: 3 << 20, LockBody.self, lock
            ).example(#"{"locks": []}"#),
            .get(
                "/sessions/{id}/suggestions",
                "Lists the changes that agents made or would have made (?state=)", suggestions
            ).paged(1...1_000).takes(
                .choice("state", ["open", "accepted", "rejected"], "Only those")),
            .post(
                "/sessions/{id}/suggestions/{n}",
                "Accepts a suggestion, or rejects and so undoes it", Word.self, decide
            ).example(#"{"decision": "accept"}"#)
                .rules(["/decision": .choice(["accept", "reject"])]),
            Endpoint(
                "GET", "/sessions/{id}/diff",
                "Tells what changed between two rounds (?from=, ?to=, ?format=text or words)",
                replyFields: Field.tree(DiffView.self), handler: diff
            ).answers(200, "application/json", "text/plain").takes(
                .number("from", 0...1_000, "A round; 0 is the draft"),
                .number("to", 0...1_000, "A round; without it, what is now"),
                .choice("format", ["json", "text", "words"], "`json` without it")),
        ]
    }

    @Sendable private func edit(_ body: Edit, _ incoming: Incoming) async throws -> SessionView {
        SessionView(
            try await mesh.call(
                Orchestrator.EditDocument(
                    user: incoming.identity.user, id: incoming.parameter("id"),
                    document: body.document, base: body.base)))
    }

    @Sendable private func lock(
        _ body: LockBody, _ incoming: Incoming
    ) async throws -> SessionView {
        SessionView(
            try await mesh.call(
                Orchestrator.LockPassages(
                    user: incoming.identity.user, id: incoming.parameter("id"),
                    passages: body.locks)))
    }

    @Sendable private func suggestions(
        _ incoming: Incoming
    ) async throws -> Page<SuggestionView> {
        let list = try await mesh.call(
            Orchestrator.ListSuggestions(
                user: incoming.identity.user, id: incoming.parameter("id"),
                state: incoming.request.queryValue("state")))
        return try Page(
            list.suggestions.map(SuggestionView.init), incoming, in: 1...1_000
        ) { "\($0.number)" }
    }

    @Sendable private func decide(
        _ body: Word, _ incoming: Incoming
    ) async throws -> SuggestionView {
        guard ["accept", "reject"].contains(body.decision) else {
            throw Fault(
                .invalid, "the word was refused",
                fields: [FieldFault("/decision", "is not accept or reject")])
        }
        guard let number = Int(incoming.parameter("n")) else {
            throw Fault(.notFound, "suggestions have numbers")
        }
        return SuggestionView(
            try await mesh.call(
                Orchestrator.DecideSuggestion(
                    user: incoming.identity.user, id: incoming.parameter("id"), number: number,
                    accept: body.decision == "accept")))
    }

    @Sendable private func diff(_ incoming: Incoming) async throws -> Answer {
        let format = incoming.request.queryValue("format") ?? "json"
        guard ["json", "text", "words"].contains(format) else {
            throw Fault(.invalid, "?format= takes json, text or words")
        }
        let to = incoming.request.queryValue("to")
        let diff = try await mesh.call(
            Orchestrator.DiffSession(
                user: incoming.identity.user, id: incoming.parameter("id"),
                from: try incoming.number("from", default: 0, in: 0...1_000),
                to: to == nil ? nil : try incoming.number("to", default: 0, in: 0...1_000)))
        if format == "json" { return .json(200, DiffView(diff)) }
        let text =
            format == "text"
            ? diff.unified : MarkedText.make(diff.words.map { ($0.kind, $0.text) })
        return .bytes(
            200, headers: [("Content-Type", "text/plain; charset=utf-8")], Array(text.utf8))
    }
}

/// Running text with changes marked in it, as `git diff --word-diff` has them.
enum MarkedText {
    static func make(_ pieces: [(kind: String, text: String)]) -> String {
        pieces.reduce(into: "") { out, piece in
            switch piece.kind {
            case "removed": out += "[-" + piece.text + "-]"
            case "added": out += "{+" + piece.text + "+}"
            default: out += piece.text
            }
        }
    }
}
