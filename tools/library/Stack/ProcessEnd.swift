import Glibc

/// How a program ended.
enum ProcessEnd: Sendable, Equatable, CustomStringConvertible {
    case exited(Int32)
    case signalled(Int32)

    /// From the status word of wait(2).
    init(status: Int32) {
        let signal = status & 0x7f
        self = signal == 0 ? .exited((status >> 8) & 0xff) : .signalled(signal)
    }

    var description: String {
        switch self {
        case .exited(let code): "exit code \(code)"
        case .signalled(let number): "signal \(number)"
        }
    }

    /// Waits for a child to end, in a thread that does nothing else: it is told within microseconds,
    /// and no thread of the shared pool is blocked.
    static func of(_ process: pid_t) async -> ProcessEnd {
        let status = await withCheckedContinuation { continuation in
            let vigil = Unmanaged.passRetained(Vigil(process, continuation))
            var thread = pthread_t()
            if pthread_create(&thread, nil, keepVigil, vigil.toOpaque()) == 0 {
                pthread_detach(thread)
            } else {
                // No thread is to be had: the child counts as lost, and so is ended.
                vigil.release()
                kill(process, SIGKILL)
                var status: Int32 = 0
                waitpid(process, &status, 0)
                continuation.resume(returning: status)
            }
        }
        return ProcessEnd(status: status)
    }
}

private final class Vigil {
    let process: pid_t
    let continuation: CheckedContinuation<Int32, Never>

    init(_ process: pid_t, _ continuation: CheckedContinuation<Int32, Never>) {
        (self.process, self.continuation) = (process, continuation)
    }
}

/// File-level, so that it is not inferred to belong to an actor.
private func keepVigil(_ raw: UnsafeMutableRawPointer?) -> UnsafeMutableRawPointer? {
    guard let raw else { return nil }
    let vigil = Unmanaged<Vigil>.fromOpaque(raw).takeRetainedValue()
    var status: Int32 = 0
    while waitpid(vigil.process, &status, 0) < 0 && errno == EINTR {}
    vigil.continuation.resume(returning: status)
    return nil
}
