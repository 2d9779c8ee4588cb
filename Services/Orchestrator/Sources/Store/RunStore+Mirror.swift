import Database
import Durable
import WriteStudio

extension RunStore {
    /// Follows the engine's events into the table of runs, in the transaction that numbers them.
    static let mirror: @Sendable (Connection, String, LoggedEvent) throws -> Void = { db, id, event in
        try db.run("UPDATE run SET last_seq = $2 WHERE id = $1", id, event.seq)
        switch event.kind {
        case SessionEvent.turnStarted:
            let turn = try event.decode(SessionEvent.TurnStarted.self)
            try db.run(
                "UPDATE run SET current_step = $2 WHERE id = $1", id,
                "round \(turn.round): \(turn.agent)")
        case SessionEvent.turnCompleted:
            let turn = try event.decode(SessionEvent.TurnCompleted.self)
            try db.run(
                "UPDATE run SET turns_done = turns_done + 1, cost = cost + $2 WHERE id = $1", id,
                turn.charged)
        default:
            guard let state = states[event.kind] else { return }
            try change(id, to: state, event, in: db)
        }
    }

    private static let states = [
        RunEvent.started: "running", RunEvent.resumed: "running", RunEvent.paused: "paused",
        RunEvent.attention: "needs_attention", RunEvent.completed: "completed",
        RunEvent.failed: "failed", RunEvent.cancelled: "cancelled",
    ]

    private static func change(
        _ id: String, to state: String, _ event: LoggedEvent, in db: Connection
    ) throws {
        let change = try event.decode(StateChange.self)
        let isOver = ["completed", "failed", "cancelled"].contains(state)
        let isFailure = state == "failed" || state == "needs_attention"
        try db.run(
            """
            UPDATE run SET state = $2, started_at = coalesce(started_at, $3),
                ended_at = CASE WHEN $4 = 1 THEN $3 ELSE NULL END,
                current_step = CASE WHEN $4 = 1 THEN NULL ELSE current_step END,
                error = $5, stop_reason = $6
            WHERE id = $1
            """, id, state, event.at, isOver ? 1 : 0, isFailure ? change.reason : nil,
            isFailure ? change.code ?? change.reason : change.reason)
    }
}
