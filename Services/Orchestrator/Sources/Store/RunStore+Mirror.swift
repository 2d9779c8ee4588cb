import Database
import Durable
import WriteStudio

extension RunStore {
    /// Follows the engine's events into the table of runs, in the transaction that numbers them.
    static let mirror: @Sendable (Connection, String, LoggedEvent) throws -> Void = {
        db, id, event in
        let isKnown = try db.run("UPDATE run SET last_seq = $2 WHERE id = $1", id, event.seq) == 1
        // A child run stands in no list; the gates that it waits at are shown by whoever it is part of.
        guard isKnown else {
            let isOfGates = event.kind == RunEvent.gateOpened || event.kind == RunEvent.gateDecided
            if isOfGates { try showGate(of: try Engine.root(of: id, in: db), in: db) }
            return
        }
        switch event.kind {
        case SessionEvent.turnStarted:
            let turn = try event.decode(SessionEvent.TurnStarted.self)
            try db.run(
                "UPDATE run SET current_step = $2 WHERE id = $1", id,
                "round \(turn.round): \(turn.agent)")
        case SessionEvent.turnCompleted:
            // What a fork took over was paid by the run it comes from.
            let turn = try event.decode(SessionEvent.TurnCompleted.self)
            try db.run(
                "UPDATE run SET turns_done = turns_done + 1, cost = cost + $2 WHERE id = $1", id,
                event.isCopied ? 0 : turn.charged)
        case SessionEvent.documentStored:
            let document = try event.decode(SessionEvent.DocumentStored.self)
            try db.run("UPDATE run SET stop_reason = $2 WHERE id = $1", id, document.stopReason)
        case RunEvent.gateOpened, RunEvent.gateDecided:
            if !event.isCopied { try showGate(of: id, in: db) }
        default:
            guard let state = states[event.kind], !event.isCopied else { return }
            try change(id, to: state, event, in: db)
            if state == "running" { try showGate(of: id, in: db) }
        }
    }

    /// A run that goes on shows the gate it waits at, where there is one.
    private static func showGate(of id: String, in db: Connection) throws {
        let name = try Engine.openGate(of: id, in: db)
        try db.run(
            """
            UPDATE run SET waiting_for = $2,
                state = CASE WHEN $2 IS NULL THEN 'running' ELSE 'waiting' END
            WHERE id = $1 AND state IN ('running', 'waiting')
            """, id, name)
    }

    private static let states = [
        RunEvent.started: "running", RunEvent.resumed: "running", RunEvent.paused: "paused",
        RunEvent.attention: "needs_attention", RunEvent.completed: "completed",
        RunEvent.failed: "failed", RunEvent.cancelled: "cancelled",
    ]

    /// A turn that failed may have been paid for and has no event: the journal's sum counts at the
    /// end. A completed run keeps the reason that its workflow gave for stopping.
    private static func change(
        _ id: String, to state: String, _ event: LoggedEvent, in db: Connection
    ) throws {
        let change = try event.decode(StateChange.self)
        let isOver = ["completed", "failed", "cancelled"].contains(state)
        let isFailure = state == "failed" || state == "needs_attention"
        let reason = isFailure ? change.code ?? change.reason : change.reason
        try db.run(
            """
            UPDATE run SET state = $2,
                started_at = CASE WHEN $4 = 1 THEN started_at ELSE coalesce(started_at, $3) END,
                ended_at = CASE WHEN $4 = 1 THEN $3 ELSE NULL END,
                current_step = CASE WHEN $4 = 1 THEN NULL ELSE current_step END,
                waiting_for = NULL, error = $5,
                stop_reason = CASE $2 WHEN 'completed' THEN stop_reason
                    WHEN 'running' THEN NULL ELSE $6 END,
                cost = CASE WHEN $4 = 1
                    THEN coalesce((SELECT spent FROM durable_run WHERE key = $1), cost)
                    ELSE cost END
            WHERE id = $1 AND state NOT IN ('completed', 'cancelled')
                AND (state <> 'failed' OR $2 = 'running')
            """, id, state, event.at, isOver ? 1 : 0, isFailure ? change.reason : nil, reason)
    }
}
