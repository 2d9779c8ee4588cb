import Contracts
import Durable
import Log
import Mesh
import MeshContract
import Refinement
import ServiceKit
import TextDiff
import WriteStudio

/// What a person does to a session's document: while it is refined, and after.
extension OrchestratorNode {
    func editDocument(
        _ request: Orchestrator.EditDocument, _ call: Call
    ) async throws -> Orchestrator.Session {
        guard request.document.utf8.count <= SessionRequest.maxTextBytes else {
            throw Self.refused(
                "/document", "has more than \(SessionRequest.maxTextBytes) bytes")
        }
        let record = try await editable(request.id, user: request.user)
        let acts = try await acts.acts(on: record.run.id, after: 0)
        let sight = try await sight(of: record, acts: acts)
        guard let edit = sight.edit(request.document, from: request.base, acts: acts) else {
            throw Self.refused("/base", "is no revision of this session: read it again")
        }
        // Asked again because its answer was lost, an edit is made once.
        if acts.contains(where: { $0.edit == edit }) { return try await view(sight) }
        return try await view(try await put(PersonAct(number: 0, edit: edit), on: record, call))
    }

    func lockPassages(
        _ request: Orchestrator.LockPassages, _ call: Call
    ) async throws -> Orchestrator.Session {
        let record = try await editable(request.id, user: request.user)
        let sight = try await sight(of: record)
        let faults = LockRules.faults(
            in: request.passages, document: sight.manuscript.text, at: "/locks")
        guard faults.isEmpty else {
            throw Fault(.invalid, "the locks were refused", fields: faults)
        }
        guard sight.manuscript.locks != request.passages else { return try await view(sight) }
        return try await view(
            try await put(PersonAct(number: 0, locks: request.passages), on: record, call))
    }

    func suggestions(
        _ request: Orchestrator.ListSuggestions, _ call: Call
    ) async throws -> Orchestrator.SuggestionList {
        let sight = try await sight(of: try await sessionRecord(request.id, user: request.user))
        if let state = request.state, Suggestion.State(rawValue: state) == nil {
            throw Fault(.invalid, "?state= takes open, accepted or rejected")
        }
        return Orchestrator.SuggestionList(
            suggestions: sight.manuscript.suggestions.map { Self.shown($0, in: sight) }
                .filter { request.state == nil || $0.state == request.state })
    }

    func decideSuggestion(
        _ request: Orchestrator.DecideSuggestion, _ call: Call
    ) async throws -> Orchestrator.Suggestion {
        let record = try await editable(request.id, user: request.user)
        var sight = try await sight(of: record)
        let wanted: Suggestion.State = request.accept ? .accepted : .rejected
        let known = try Self.find(request.number, in: sight)
        if known.state == .open {
            let decision = PersonAct.Decision(
                suggestion: request.number, accepted: request.accept)
            sight = try await put(PersonAct(number: 0, decision: decision), on: record, call)
        } else if known.state != wanted {
            throw Fault(
                .conflict, "suggestion \(known.number) was \(known.state.rawValue) already")
        }
        return Self.shown(try Self.find(request.number, in: sight), in: sight)
    }

    func diff(
        _ request: Orchestrator.DiffSession, _ call: Call
    ) async throws -> Orchestrator.DocumentDiff {
        let sight = try await sight(of: try await sessionRecord(request.id, user: request.user))
        func text(_ round: Int?, _ name: String) throws -> String {
            if let text = sight.text(after: round) { return text }
            let last = sight.state.results.last?.number ?? 0
            throw Fault(
                .invalid, "?\(name)= takes a round from 0, the draft, to \(last)")
        }
        let (old, new) = (try text(request.from, "from"), try text(request.to, "to"))
        func name(_ round: Int?) -> String {
            round.map { $0 == 0 ? "draft" : "round \($0)" } ?? "now"
        }
        return Self.diff(old, new, from: name(request.from), to: name(request.to))
    }

    // MARK: How

    /// Puts an act down, and answers with the session as it is then.
    private func put(
        _ act: PersonAct, on record: RunStore.Record, _ call: Call
    ) async throws -> SessionSight {
        let placed = try await place(act, on: record)
        let now = try await store.record(record.run.id, user: record.run.user)
        let sight = try await sight(of: now)
        if placed.isLate { await keep(sight, placed.number, call) }
        return sight
    }

    private func place(
        _ act: PersonAct, on record: RunStore.Record
    ) async throws -> ActStore.Placed {
        let id = record.run.id
        while true {
            var seen: Int64?
            if try await acts.isLate(id) {
                seen = try await sight(of: record).state.manuscript.seen
            }
            do {
                return try await acts.put(act, on: id, seen: seen, at: ambient.now())
            } catch is ActStore.Late {
                continue  // it has ended between the two, and ends once
            }
        }
    }

    /// The run stores its document itself; what is done to it later is stored here. The session has it
    /// in any case.
    private func keep(_ sight: SessionSight, _ number: Int64, _ call: Call) async {
        let id = sight.run.id
        do throws(Fault) {
            _ = try await mesh.call(
                StoredDocument.put(
                    sight.manuscript.text, owner: sight.run.user, run: id,
                    key: "\(id)/act/\(number)"), within: .seconds(30))
        } catch {
            call.log.warning(
                "an edited document is not in storage", ["run": id, "error": "\(error)"])
        }
    }

    private func editable(_ id: String, user: String) async throws -> RunStore.Record {
        let record = try await sessionRecord(id, user: user)
        guard try await !isOfFirstForm(id) else {
            throw Fault(
                .conflict, "this session began under an earlier version: continue it in a new one")
        }
        return record
    }

    private static func refused(_ pointer: String, _ message: String) -> Fault {
        Fault(.invalid, "the edit was refused", fields: [FieldFault(pointer, message)])
    }

    private static func find(_ number: Int, in sight: SessionSight) throws -> Suggestion {
        guard let found = sight.manuscript.suggestions.first(where: { $0.number == number }) else {
            throw Fault(.notFound, "no suggestion \(number) in this session")
        }
        return found
    }

    private static func shown(
        _ suggestion: Suggestion, in sight: SessionSight
    ) -> Orchestrator.Suggestion {
        let verdict = sight.manuscript.verdicts.last { $0.number == suggestion.number }
        let isPending = sight.change.verdicts.contains { $0.number == suggestion.number }
        return Orchestrator.Suggestion(
            number: suggestion.number, author: suggestion.author, round: suggestion.round,
            before: suggestion.before, after: suggestion.after, reason: suggestion.reason,
            reasonBy: suggestion.reasonBy, state: suggestion.state.rawValue,
            isApplied: suggestion.isApplied, obstacle: suggestion.obstacle?.rawValue,
            isPending: isPending && !sight.isOver, effect: verdict?.effect.rawValue)
    }

    private static func diff(
        _ old: String, _ new: String, from: String, to: String
    ) -> Orchestrator.DocumentDiff {
        let lines = Diff.lines(old, new, limit: .shown)
        var pieces: [Orchestrator.DocumentDiff.Piece] = []
        for piece in lines.pieces {
            if pieces.last?.kind == piece.kind.rawValue {
                pieces[pieces.count - 1].text += piece.text
            } else {
                pieces.append(.init(kind: piece.kind.rawValue, text: piece.text))
            }
        }
        let words = Diff.words(old, new, limit: .shown)
        return Orchestrator.DocumentDiff(
            from: from, to: to, pieces: pieces,
            words: words.pieces.map { .init(kind: $0.kind.rawValue, text: $0.text) },
            unified: lines.unified(from: from, to: to),
            wordsAdded: words.words(.added), wordsRemoved: words.words(.removed),
            isCoarse: lines.isCoarse)
    }
}
