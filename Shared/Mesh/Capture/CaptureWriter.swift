import Dispatch
import Glibc
import MeshContract
import Synchronization
import Wire

/// Writes what it is given into a file of mode 0600, on a thread of its own; nobody waits for it.
///
/// Past its limit the file becomes `<file>.1`, in the place of an earlier one, and a new one begins.
/// What comes faster than it can be written is left out, and counted.
final class CaptureWriter: Sendable {
    struct Limits: Sendable {
        /// Bytes of one file; there are two at most.
        var file = 64 << 20
        /// Bytes of one message that are kept.
        var message = 256 << 10
        /// Bytes that may wait to be written.
        var waiting = 8 << 20
    }

    private struct State {
        var waiting: [UInt8] = []
        var isDraining = false
        var messages = 0
        var lost = 0
        var lostNow = 0
        var failure: String?
    }

    /// Touched on the queue only.
    private struct Output {
        var descriptor: Int32
        var written: Int
    }

    let file: String
    private let limits: Limits
    private let queue = DispatchQueue(label: "capture")
    private let state = Mutex(State())
    private let output: Mutex<Output>

    /// Makes the file; one that stands in its place becomes `<file>.1`.
    init(_ file: String, _ limits: Limits = Limits()) throws(Fault) {
        (self.file, self.limits) = (file, limits)
        var status = stat()
        if lstat(file, &status) == 0 {
            guard status.st_mode & S_IFMT == S_IFREG else {
                throw Fault(.invalid, "\(file) is there and is no file; capture to another place")
            }
            try Self.setAside(file)
        }
        output = Mutex(Output(descriptor: try Self.make(file), written: 0))
    }

    deinit { output.withLock { _ = Glibc.close($0.descriptor) } }

    var messages: Int { state.withLock { $0.messages } }
    var lost: Int { state.withLock { $0.lost } }
    /// Why nothing more is written, where that is so.
    var failure: String? { state.withLock { $0.failure } }

    /// Takes one message. From any thread.
    func take(_ message: CapturedMessage) {
        var message = message
        message.size = message.bytes.count
        if message.bytes.count > limits.message {
            message.bytes = Array(message.bytes.prefix(limits.message))
        }
        // A record that cannot be encoded counts as lost.
        let record = (try? CaptureFormat.record(message)) ?? []
        let starts = state.withLock { state -> Bool in
            guard state.failure == nil else { return false }
            let isTaken = !record.isEmpty && state.waiting.count + record.count <= limits.waiting
            if isTaken {
                if state.lostNow > 0 { state.waiting += Self.gap(state.lostNow, before: message) }
                state.lostNow = 0
                state.waiting += record
                state.messages += 1
            } else {
                state.lost += 1
                state.lostNow += 1
            }
            defer { state.isDraining = true }
            return !state.isDraining
        }
        if starts { queue.async { self.drain() } }
    }

    /// Writes what waits, and returns when it is done. Never from a loop.
    func finish() { queue.sync { drain() } }

    /// A record that stands for lost ones.
    private static func gap(_ count: Int, before message: CapturedMessage) -> [UInt8] {
        let gap = CapturedMessage(
            kind: .lost, time: message.time, service: message.service, connection: 0, number: 0,
            method: "", call: "", size: count, bytes: [])
        return (try? CaptureFormat.record(gap)) ?? []
    }

    // MARK: On the queue

    private func drain() {
        while true {
            let bytes = state.withLock { state -> [UInt8]? in
                state.isDraining = !state.waiting.isEmpty && state.failure == nil
                guard state.isDraining else { return nil }
                var bytes: [UInt8] = []
                swap(&bytes, &state.waiting)
                return bytes
            }
            guard let bytes else { return }
            do throws(Fault) {
                try write(bytes)
            } catch {
                state.withLock { $0.failure = error.message }
            }
        }
    }

    private func write(_ bytes: [UInt8]) throws(Fault) {
        try output.withLock { output throws(Fault) in
            if output.written > 0, output.written + bytes.count > limits.file {
                Glibc.close(output.descriptor)
                output.descriptor = -1
                try Self.setAside(file)
                output = Output(descriptor: try Self.make(file), written: 0)
            }
            try Self.write(bytes, to: output.descriptor, file)
            output.written += bytes.count
        }
    }

    private static func make(_ file: String) throws(Fault) -> Int32 {
        let descriptor = open(file, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC | O_NOFOLLOW, 0o600)
        guard descriptor >= 0 else { throw failure("make \(file)") }
        try write(CaptureFormat.start, to: descriptor, file)
        return descriptor
    }

    private static func setAside(_ file: String) throws(Fault) {
        guard rename(file, "\(file).1") == 0 else { throw failure("set \(file) aside") }
    }

    private static func write(
        _ bytes: [UInt8], to descriptor: Int32, _ file: String
    ) throws(Fault) {
        var done = 0
        while done < bytes.count {
            let count = bytes.withUnsafeBytes { raw in
                Glibc.write(descriptor, raw.baseAddress.map { $0 + done }, raw.count - done)
            }
            if count < 0 && errno == EINTR { continue }
            guard count > 0 else { throw failure("write \(file)") }
            done += count
        }
    }

    private static func failure(_ doing: String) -> Fault {
        Fault(.unavailable, "\(doing): \(String(cString: strerror(errno)))")
    }
}
