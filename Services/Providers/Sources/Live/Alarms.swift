import EventLoop
import Synchronization

/// Deadlines of many waits on the loop's one timer: a wait costs an entry in a table, and an entry
/// that was taken out again costs nothing more.
final class Alarms: Sendable {
    private final class Table: Pollable {
        struct Entry {
            var at: UInt64
            var ring: @Sendable () -> Void
        }

        let entries = Mutex<[UInt64: Entry]>([:])

        func ready(_ readiness: Readiness) {}

        func expire(_ now: UInt64) -> UInt64 {
            let (due, next) = entries.withLock { entries -> ([Entry], UInt64) in
                let due = entries.filter { $0.value.at <= now }
                for id in due.keys { entries[id] = nil }
                return (Array(due.values), entries.values.map(\.at).min() ?? .max)
            }
            for entry in due { entry.ring() }
            return next
        }
    }

    private let loop: EventLoop
    private let table = Table()
    private let last = Atomic<UInt64>(0)

    init(on loop: EventLoop) {
        self.loop = loop
        loop.perform { [loop, table] in loop.addTimed(table) }
    }

    deinit { loop.perform { [loop, table] in loop.removeTimed(table) } }

    /// A number for a wait and its deadline, never given twice.
    func makeID() -> UInt64 { last.add(1, ordering: .relaxed).newValue }

    /// Rings at `moment` of the monotonic clock, or a little later.
    func set(_ id: UInt64, at moment: UInt64, ring: @escaping @Sendable () -> Void) {
        table.entries.withLock { $0[id] = Table.Entry(at: moment, ring: ring) }
        loop.changed(table, deadline: moment)
    }

    func cancel(_ id: UInt64) { table.entries.withLock { $0[id] = nil } }
}
