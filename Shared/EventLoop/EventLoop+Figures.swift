import Glibc
import Synchronization

/// How a loop fares.
public struct LoopFigures: Codable, Sendable, Equatable {
    public var name: String
    /// How long its turns took: what became ready at the beginning of one waited so long at most.
    public var turns = Histogram()
    /// How often the watchdog found it held up, and for how long at most.
    public var stalls = 0
    public var longestStallMicroseconds = 0

    public init(name: String) { self.name = name }
}

extension EventLoop {
    /// The loops of the process that run now, in the order in which they were started.
    public static var all: [EventLoop] { running.withLock { $0 } }

    static let running = Mutex<[EventLoop]>([])

    /// How it fares. From any thread.
    public var figures: LoopFigures { account.withLock { $0 } }

    /// Notes that `job` begins on this thread, so that the watchdog knows whose work it sees: for
    /// tasks that no loop started, like immediate ones. Away from a loop it does nothing.
    @inline(__always)
    public static func mark(_ job: UInt) {
        guard let held = pthread_getspecific(place) else { return }
        Unmanaged<Pulse>.fromOpaque(held)._withUnsafeGuaranteedRef { $0.begin(job) }
    }

    /// Where each loop's thread keeps its pulse, which lives as long as the loop.
    static let place: pthread_key_t = {
        var key = pthread_key_t()
        let failure = pthread_key_create(&key, nil)
        precondition(failure == 0, "no place for a thread's own: errno \(failure)")
        return key
    }()
}
