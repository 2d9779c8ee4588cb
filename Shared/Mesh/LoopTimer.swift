import EventLoop

/// Wakes somebody on a loop when a time has come.
final class LoopTimer: Pollable {
    private let loop: EventLoop
    /// Answers with when to be woken again.
    private let fire: @Sendable (UInt64) -> UInt64

    init(on loop: EventLoop, _ fire: @escaping @Sendable (UInt64) -> UInt64) {
        (self.loop, self.fire) = (loop, fire)
        loop.perform { loop.addTimed(self) }
    }

    /// From any thread.
    func set(by deadline: UInt64) { loop.changed(self, deadline: deadline) }

    func end() { loop.perform { self.loop.removeTimed(self) } }

    func ready(_ readiness: Readiness) {}
    func expire(_ now: UInt64) -> UInt64 { fire(now) }
}
