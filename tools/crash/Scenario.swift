import Durable

/// One story that has to come to the same end however often, and wherever, its process dies.
protocol Scenario: Sendable {
    var name: String { get }
    func workflows(_ desk: Desk) -> [any Workflow]
    /// What a client does; begun anew in each process, so that every part of it may be repeated.
    func drive(_ client: Client) async throws
    /// What must hold at the end, beside what always must.
    func check(_ end: Ending)
    var queues: [String: QueueLimits] { get }
    /// True for a second process on the same journal that lives through all of it.
    var hasTwin: Bool { get }
}

extension Scenario {
    var queues: [String: QueueLimits] { [:] }
    var hasTwin: Bool { false }
}

/// All stories that there are.
enum Scenarios {
    static let all: [any Scenario] = [
        Approve(), CancelAtGate(), CancelInStep(), CancelLate(), Forking(), Retrying(),
        Families(), Spending(), InDoubt(), Queued(), Looping(),
        Twins(),
    ]
}

/// The journal at the end of a case, as far as the checks ask, and the place for complaints.
final class Ending {
    struct RunRow {
        let key: String
        let state: String
        let spent: Int64
        let life: Int64
        let origin: String?
        let isOwned: Bool
        let head: Int64
    }

    struct Row {
        let run: String
        let path: String
        let n: Int64
        let kind: String
        let isDone: Bool
        let isFailed: Bool
        let at: Int64
        let due: Int64?
    }

    let world: World
    let runs: [String: RunRow]
    let rows: [Row]
    let kinds: [String: [String]]
    private(set) var wrong: [String]

    init(
        world: World, runs: [String: RunRow], rows: [Row], kinds: [String: [String]],
        wrong: [String]
    ) {
        (self.world, self.runs, self.rows) = (world, runs, rows)
        (self.kinds, self.wrong) = (kinds, wrong + world.wrong)
    }

    func claim(_ holds: Bool, _ what: @autoclosure () -> String) {
        if !holds { wrong.append(what()) }
    }

    func state(_ run: String, _ wanted: String) {
        let state = runs[run]?.state ?? "absent"
        claim(state == wanted, "\(run) is \(state), not \(wanted)")
    }

    /// The steps that were charged are these, each once. `beside` may be charged or not.
    func charged(_ steps: Set<String>, beside: Set<String> = []) {
        let charged = Set(world.charges.map(\.step))
        claim(charged.isSuperset(of: steps), "not charged: \(steps.subtracting(charged).sorted())")
        let others = charged.subtracting(steps).subtracting(beside)
        claim(others.isEmpty, "charged besides: \(others.sorted())")
    }

    func spent(_ run: String, _ amount: Int64) {
        let spent = runs[run]?.spent ?? -1
        claim(spent == amount, "\(run) has spent \(spent), not \(amount)")
    }
}
