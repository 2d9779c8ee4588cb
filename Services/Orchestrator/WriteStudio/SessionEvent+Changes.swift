import Durable
import Refinement

/// How watchers hear of what became of the document.
extension SessionEvent {
    /// Tells of a change, in the transaction that journals it.
    static func tell(
        of change: Change, on manuscript: Manuscript, by answer: Manuscript.Answer? = nil,
        _ step: Step
    ) throws {
        var next = manuscript
        next.take(change, answer: answer?.text)
        let isEdited = change.versions.contains { $0.author == .person }
        let (own, others) = (
            change.suggestions.filter { $0.obstacle != .edit },
            change.suggestions.filter { $0.obstacle == .edit }
        )
        if let answer {
            let keptOut = Dictionary(grouping: own.filter { $0.obstacle != nil }) {
                $0.obstacle?.rawValue ?? ""
            }
            try step.emit(
                documentChanged,
                DocumentChanged(
                    round: answer.round, agent: answer.agent, version: next.latest.number,
                    suggestions: own.map(\.number), keptOut: keptOut.mapValues { $0.map(\.number) })
            )
        }
        guard isEdited || change.locks != nil || !change.verdicts.isEmpty else { return }
        try step.emit(
            personHeard,
            PersonHeard(
                version: next.latest.number, edited: isEdited, locks: change.locks?.count,
                verdicts: change.verdicts, suggestions: others.map(\.number)))
    }
}
