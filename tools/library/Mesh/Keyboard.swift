import EventLoop
import Glibc

/// The keys that a person presses, one by one and unseen, until it is let go of.
///
/// Unchecked: `before` is written once, in `init`.
final class Keyboard: Pollable, @unchecked Sendable {
    let keys: AsyncStream<UInt8>
    private let told: AsyncStream<UInt8>.Continuation
    private let loop: EventLoop
    private var before = termios()

    /// nil where standard input is no terminal.
    init?(on loop: EventLoop) {
        guard isatty(0) == 1, tcgetattr(0, &before) == 0 else { return nil }
        self.loop = loop
        (keys, told) = AsyncStream.makeStream(
            of: UInt8.self, bufferingPolicy: .bufferingNewest(16))
        var now = before
        now.c_lflag &= ~tcflag_t(ICANON | ECHO)
        tcsetattr(0, TCSANOW, &now)
        loop.perform { loop.add(0, self) }
    }

    /// Puts the terminal back as it was.
    func letGo() {
        tcsetattr(0, TCSANOW, &before)
        told.finish()
        loop.perform { self.loop.remove(0, closing: false) }
    }

    func ready(_ readiness: Readiness) {
        var byte: UInt8 = 0
        if read(0, &byte, 1) == 1 {
            told.yield(byte)
        } else {
            loop.remove(0, closing: false)
        }
    }
}
