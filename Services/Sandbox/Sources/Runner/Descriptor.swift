import CSpawn
import Glibc

/// A file descriptor that is closed with its last owner, and in every child that was not given it.
final class Descriptor: Sendable {
    /// Above all numbers that a child is given, so that giving one never overwrites another.
    private static let least: Int32 = 200
    private static let memfdCloseOnExec: UInt32 = 1

    let raw: Int32

    /// Takes `raw` over.
    private init(moving raw: Int32, _ doing: String) throws(RunnerError) {
        guard raw >= 0 else { throw .last(doing) }
        defer { close(raw) }
        self.raw = fcntl(raw, F_DUPFD_CLOEXEC, Self.least)
        guard self.raw >= 0 else { throw .last(doing) }
    }

    deinit { close(raw) }

    /// A pipe; its reading end does not block.
    static func pipe() throws(RunnerError) -> (read: Descriptor, write: Descriptor) {
        var ends: [Int32] = [-1, -1]
        guard pipe2(&ends, O_CLOEXEC) == 0 else { throw .last("make a pipe") }
        do throws(RunnerError) {
            let read = try Descriptor(moving: ends[0], "make a pipe")
            ends[0] = -1
            let write = try Descriptor(moving: ends[1], "make a pipe")
            guard fcntl(read.raw, F_SETFL, O_NONBLOCK) == 0 else { throw .last("set up a pipe") }
            return (read, write)
        } catch {
            if ends[0] >= 0 { close(ends[1]) }
            throw error
        }
    }

    /// A file in memory that holds `bytes` and has no name on this machine.
    static func file(_ bytes: [UInt8]) throws(RunnerError) -> Descriptor {
        let file = try Descriptor(
            moving: memfd_create("input", memfdCloseOnExec), "make a file in memory")
        var done = 0
        while done < bytes.count {
            let count = bytes.withUnsafeBytes { buffer in
                pwrite(file.raw, buffer.baseAddress.map { $0 + done }, buffer.count - done, done)
            }
            if count < 0 && errno == EINTR { continue }
            guard count > 0 else { throw .last("write a file in memory") }
            done += count
        }
        return file
    }

    /// Lets `user` open it again by way of `/dev/stdin` and its like.
    func give(to user: UInt32?) {
        if let user { _ = fchown(raw, user, user) }  // at worst, /dev/stdin cannot be reopened
    }
}
