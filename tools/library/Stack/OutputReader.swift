import EventLoop
import Glibc

/// Reads what a program writes, line by line, until its last writer is gone.
///
/// Unchecked: `splitter` is touched by the loop's thread only.
final class OutputReader: Pollable, @unchecked Sendable {
    private let descriptor: Int32
    private let loop: EventLoop
    private let tell: @Sendable (String) -> Void
    private var splitter = LineSplitter()

    /// Owns the descriptor.
    static func read(
        _ descriptor: Int32, on loop: EventLoop, _ tell: @escaping @Sendable (String) -> Void
    ) {
        _ = fcntl(descriptor, F_SETFL, O_NONBLOCK)
        let reader = OutputReader(descriptor, loop, tell)
        loop.perform { loop.add(descriptor, reader) }
    }

    private init(
        _ descriptor: Int32, _ loop: EventLoop, _ tell: @escaping @Sendable (String) -> Void
    ) {
        (self.descriptor, self.loop, self.tell) = (descriptor, loop, tell)
    }

    func ready(_: Readiness) {
        var buffer = [UInt8](repeating: 0, count: 16 << 10)
        let count = Glibc.read(descriptor, &buffer, buffer.count)
        if count < 0 && (errno == EAGAIN || errno == EINTR) { return }
        guard count > 0 else {
            if let line = splitter.finish() { tell(line) }
            loop.remove(descriptor)
            return
        }
        for line in splitter.feed(buffer.prefix(count)) { tell(line) }
    }
}
