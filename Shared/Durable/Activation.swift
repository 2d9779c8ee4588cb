import Synchronization

/// A run while it is in memory: its journal as found, who waits in it, and why it must end.
final class Activation: Sendable {
    typealias Answer = Result<[UInt8], any Error>

    struct State {
        var entries: [String: Entry] = [:]
        var unvisited: Set<String> = []
        /// Per scope: position and name, as journaled.
        var names: [String: [Int: String]] = [:]
        /// Branches that do not wait.
        var busy = 1
        var waiters: [String: CheckedContinuation<Answer, Never>] = [:]
        /// Answers that came between the row and the waiting.
        var early: [String: Entry.Outcome] = [:]
        /// Each counts once, however often it is told.
        var delivered: Set<String> = []
        var ending: Ending?
        var standing: Standing
        var limits: Limits
        var deadline: Int64
        var reserved: Int64 = 0
        var cancelling: Bool
        var cancelledAt: Int64?
        /// Bodies under way of steps that a cancel is to end.
        var bodies = 0
        /// What each step of a loop said last, and how often in a row.
        var repeats: [String: Repeat] = [:]
        /// Where a replay has come to the end of its history.
        var frontier: Set<String> = []
        /// How often the function was told to unwind.
        var unwound = 0
        var task: Task<Void, Never>?
        /// Waits for the function's end.
        var ender: CheckedContinuation<Answer?, Never>?
    }

    let claim: Claim
    let engine: Engine
    /// Follows a history and does nothing.
    let isReplay: Bool
    let state: Mutex<State>

    init(_ claim: Claim, engine: Engine, isReplay: Bool = false) {
        (self.claim, self.engine, self.isReplay) = (claim, engine, isReplay)
        let standing = Standing(state: claim.state, rows: claim.rows, spent: claim.spent)
        state = Mutex(
            State(
                standing: standing, limits: claim.limits, deadline: claim.deadline,
                cancelling: claim.state == .cancelling))
    }

    var key: String { claim.key }
    var ending: Ending? { state.withLock { $0.ending } }
    var isCancelling: Bool { state.withLock { $0.cancelling } }
    var woken: Int64 { state.withLock { claim.woken + Int64($0.delivered.count) } }
    var waiting: [String] { state.withLock { Array($0.waiters.keys) } }

    func fault(_ point: @autoclosure () -> String) { engine.options.fault?("\(key):\(point())") }

    func progress(_ path: String, _ bytes: [UInt8]) {
        engine.watchers.tell(key, .progress(path: path, body: bytes))
    }

    func due(after duration: Duration) -> Int64 { engine.options.now() + duration.milliseconds }

    // MARK: Replay

    func load(_ entries: [Entry]) {
        state.withLock { state in
            for entry in entries {
                state.entries[entry.path] = entry
                if !entry.isAhead { state.unvisited.insert(entry.path) }
                state.note(entry.path)
            }
        }
    }

    /// Compares the operation that the code asks for with the one that stands at its place.
    func checkPosition(_ scope: String, _ position: Int, _ name: String, leaf: Bool) throws {
        let expected: String? = state.withLock { state in
            guard let names = state.names[scope], !state.cancelling else { return nil }
            if let there = names[position] { return there == name ? nil : there }
            guard leaf, let last = names.keys.max(), last > position else { return nil }
            return "\(names[last] ?? "") at \(last) and nothing here"
        }
        guard let expected else { return }
        throw differs("\(scope)/\(position)", expected: expected, found: name)
    }

    func find(_ path: String, _ kind: Entry.Kind, _ digest: Int64) throws -> Entry? {
        let entry = state.withLock { state in
            state.unvisited.remove(path)
            return state.entries[path]
        }
        guard let entry else { return nil }
        guard entry.kind == kind else {
            throw differs(path, expected: "\(entry.kind)", found: "\(kind)")
        }
        guard entry.digest == digest || entry.input != nil else {
            throw differs(path, expected: "input \(entry.digest)", found: "\(digest)")
        }
        return entry
    }

    /// What the journal holds and the code never asked for; empty when the replay was faithful.
    var unvisited: [String] { state.withLock { $0.unvisited.sorted() } }

    /// A journaled value that no longer reads as its type is a changed workflow, not a failed one.
    func decode<T: Decodable>(_ type: T.Type, _ bytes: [UInt8], at path: String) throws -> T {
        do {
            return try Codec.decode(type, from: bytes)
        } catch {
            throw differs(path, expected: "a value of type \(type)", found: "another")
        }
    }

    private func differs(_ place: String, expected: String, found: String) -> Unwound {
        end(.attention("replay differs at \(place): expected \(expected), found \(found)"))
    }
}

extension Activation.State {
    /// Remembers each name on the way to a row, so that a replay cannot walk past it unnoticed.
    fileprivate mutating func note(_ path: String) {
        var scope = ""
        for segment in path.split(separator: "/") {
            let parts = segment.split(separator: ".", maxSplits: 1)
            if parts.count == 2, let position = Int(parts[0]) {
                names[scope, default: [:]][position] = String(parts[1])
            }
            scope += scope.isEmpty ? segment : "/" + segment
        }
    }
}
