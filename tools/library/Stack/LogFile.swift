import Console
import Glibc
import Synchronization

/// A log of bounded size: at its limit the file becomes `<name>.1`, in place of the last one.
final class LogFile: Sendable {
    private struct State {
        var descriptor: Int32
        var bytes: Int
    }

    private let path: String
    private let limit: Int
    private let state: Mutex<State>

    init(_ path: String, limit: Int = 16 << 20) throws(Refusal) {
        guard let opened = Self.open(path) else {
            throw Refusal(.noInput, "open \(path): \(systemReason())")
        }
        (self.path, self.limit) = (path, limit)
        state = Mutex(opened)
    }

    deinit { state.withLock { _ = close($0.descriptor) } }

    /// Appends one line. A line that the disk does not take is lost, and the service lives on.
    func write(_ line: String) {
        var bytes = Array(line.utf8)
        bytes.append(UInt8(ascii: "\n"))
        state.withLock { state in
            if state.bytes + bytes.count > limit, state.bytes > 0 { rotate(&state) }
            let count = bytes.withUnsafeBytes {
                Glibc.write(state.descriptor, $0.baseAddress, $0.count)
            }
            state.bytes += max(count, 0)
        }
    }

    private func rotate(_ state: inout State) {
        guard rename(path, path + ".1") == 0, let fresh = Self.open(path) else { return }
        close(state.descriptor)
        state = fresh
    }

    private static func open(_ path: String) -> State? {
        let descriptor = Glibc.open(path, O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0o600)
        guard descriptor >= 0 else { return nil }
        var info = stat()
        return State(
            descriptor: descriptor, bytes: fstat(descriptor, &info) == 0 ? Int(info.st_size) : 0)
    }

    /// The last lines that were written from `offset` on, for a message about what went wrong.
    static func tail(of path: String, from offset: Int, lines: Int = 20) -> [String] {
        let descriptor = Glibc.open(path, O_RDONLY | O_CLOEXEC)
        guard descriptor >= 0 else { return [] }
        defer { close(descriptor) }
        let end = Int(lseek(descriptor, 0, SEEK_END))
        // After a rotation the file is shorter than it was.
        let from = max(end - (16 << 10), offset > end ? 0 : offset)
        lseek(descriptor, from, SEEK_SET)
        var buffer = [UInt8](repeating: 0, count: max(end - from, 0))
        let count = read(descriptor, &buffer, buffer.count)
        let text = String(decoding: buffer.prefix(max(count, 0)), as: UTF8.self)
        return text.split(separator: "\n").suffix(lines).map(String.init)
    }

    static func size(of path: String) -> Int {
        var info = stat()
        return stat(path, &info) == 0 ? Int(info.st_size) : 0
    }
}
