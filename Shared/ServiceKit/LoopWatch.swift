import EventLoop
import Log
import Mesh
import MeshContract
import Synchronization

/// Watches the loops of a service, and says which method holds one up.
struct LoopWatch: Sendable {
    private let watchdog: Watchdog

    /// `ATELIER_WATCHDOG_MS` is how long a loop may be at one thing; 0 watches nothing.
    init?(_ settings: Settings, _ server: MeshServer, log: Log) throws(Fault) {
        let limit = try settings.integer("ATELIER_WATCHDOG_MS", default: 50, in: 0...60_000)
        guard limit > 0 else { return nil }
        let pace = Pace()
        watchdog = Watchdog(
            limit: .milliseconds(limit), holder: { server.holder(of: $0) },
            report: { stall in
                if stall.isOver, let holder = stall.holder { server.countHeld(holder) }
                guard let silenced = pace.next() else { return }
                log.warning(
                    stall.isOver ? "a loop was held up" : "a loop is being held up",
                    [
                        "loop": stall.loop, "method": stall.holder?.method ?? "-",
                        "call": stall.holder?.call ?? "-",
                        "milliseconds": "\(stall.time.nanoseconds / 1_000_000)",
                        "processor.milliseconds":
                            "\(stall.processorTime.nanoseconds / 1_000_000)",
                        "silenced": "\(silenced)",
                    ])
            })
    }

    func stop() { watchdog.stop() }
}

/// Lets one line through each second, and counts the others.
private final class Pace: Sendable {
    private struct State {
        var openAt: UInt64 = 0
        var silenced = 0
    }

    private static let between: UInt64 = 1_000_000_000
    private let state = Mutex(State())

    /// How many were kept back before this one; nil when this one is.
    func next() -> Int? {
        let now = monotonic()
        return state.withLock { state in
            guard now >= state.openAt else {
                state.silenced += 1
                return nil
            }
            defer { state = State(openAt: now &+ Self.between) }
            return state.silenced
        }
    }
}
