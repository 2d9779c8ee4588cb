/// One row of the journal as a replay reads it.
struct Entry: Sendable {
    enum Kind: String, Sendable {
        case step, gate, timer, signal, child
    }

    enum Outcome: Sendable {
        case value([UInt8])
        case failure(StepFailure)

        func get() throws(StepFailure) -> [UInt8] {
            switch self {
            case .value(let bytes): return bytes
            case .failure(let failure): throw failure
            }
        }
    }

    let path: String
    let kind: Kind
    let digest: Int64
    let outcome: Outcome?
    /// The input that a fork put in the place of the step's own.
    let input: [UInt8]?
    /// Its place in the journal.
    var number: Int64 = 0
    /// A fork or a retry left the row so that the step is done anew.
    var isRedone = false

    /// True for a row that stands for a step which is yet to be run.
    var isAhead: Bool { outcome == nil && (input != nil || isRedone) }
}

/// One row of the journal as a run writes it. Without an outcome it is an intent or a wait.
struct Record: Sendable {
    let path: String
    let kind: Entry.Kind
    var digest: Int64 = 0
    var due: Int64?
    var outcome: Entry.Outcome?
    /// Never shared with a fork or a retry.
    var isOwn = false
    /// What a gate asks.
    var question: [UInt8]?
}

/// An event on its way into the journal, without its number.
struct Event: Sendable {
    let kind: String
    let body: [UInt8]
}

/// A run to be made: by a caller, or by a parent run.
struct Start: Sendable {
    let workflow: String
    let version: Int
    let input: [UInt8]
}

/// The right to run one run, for as long as no later claim has a higher fence.
struct Claim: Sendable {
    let id: Int64
    let key: String
    let start: Start
    let fence: Int64
    let state: RunState
    let rows: Int64
    let woken: Int64
    let spent: Int64
    let limits: Limits
    let deadline: Int64
    /// Its number in `durable_lane`.
    let lane: Int64
    /// From 1; each retry is a new one.
    let life: Int64
    /// Rows up to here do not count towards a loop: a person has looked at them.
    let floor: Int64
    /// The number of its last event.
    var head: Int64 = 0

    /// What is given to the outside in place of the run's id, so that a retry is not taken for the
    /// life that failed.
    var lifeID: String { Claim.lifeID(key, life) }

    static func lifeID(_ key: String, _ life: Int64) -> String {
        life == 1 ? key : "\(key)~\(life)"
    }
}

/// What a run learns from each of its writes.
struct Standing: Sendable {
    var state: RunState
    let rows: Int64
    let spent: Int64
}

/// Why an activation ends before its function has returned in earnest.
enum Ending: Sendable {
    /// It waits, and nothing in it is busy.
    case evicted
    case paused(String)
    /// A person must look: expected and found are in the text.
    case attention(String)
    /// The journal could not be written; the run goes on from it later.
    case interrupted(String)
    /// Another engine holds the run now.
    case lost
    /// This engine stops.
    case released
    /// Its function does not end although it was cancelled; the next activation cleans up.
    case abandoned
}
