import Console
import Glibc

/// Who keeps a stack up, and where it answers.
struct StackKeeper: Sendable, Equatable {
    var process: pid_t
    var port: Int
}

/// The file by which a data folder has at most one supervisor: `run/supervisor.lock`.
///
/// The kernel lets the lock go with the process that held it, however that ended, so it is never
/// stale; what the file says counts only while it is locked.
final class SupervisorLock: Sendable {
    private let descriptor: Int32

    /// nil when somebody else has it.
    static func take(_ file: String) throws(Refusal) -> SupervisorLock? {
        let descriptor = open(file, O_RDWR | O_CREAT | O_CLOEXEC, 0o600)
        guard descriptor >= 0 else {
            throw Refusal(.denied, "open \(file): \(systemReason())")
        }
        // Whoever asks for the holder has the lock for an instant.
        for _ in 0..<20 {
            if flock(descriptor, LOCK_EX | LOCK_NB) == 0 { return SupervisorLock(descriptor) }
            poll(nil, 0, 5)
        }
        close(descriptor)
        return nil
    }

    private init(_ descriptor: Int32) { self.descriptor = descriptor }

    deinit { close(descriptor) }

    func write(_ keeper: StackKeeper) {
        let text = "pid=\(keeper.process) port=\(keeper.port)\n"
        ftruncate(descriptor, 0)
        _ = pwrite(descriptor, text, text.utf8.count, 0)
    }

    /// Who holds the lock; nil when nobody does.
    static func holder(_ file: String) -> StackKeeper? {
        let descriptor = open(file, O_RDONLY | O_CLOEXEC)
        guard descriptor >= 0 else { return nil }
        defer { close(descriptor) }
        // It is written an instant after it was locked.
        for _ in 0..<40 {
            if flock(descriptor, LOCK_SH | LOCK_NB) == 0 { return nil }
            var buffer = [UInt8](repeating: 0, count: 128)
            let count = pread(descriptor, &buffer, buffer.count, 0)
            let text = String(decoding: buffer.prefix(max(count, 0)), as: UTF8.self)
            if let keeper = parse(text) { return keeper }
            poll(nil, 0, 5)
        }
        return nil
    }

    /// Who held it last, also when nobody does now: a stack that comes back keeps its port.
    static func last(_ file: String) -> StackKeeper? {
        let descriptor = open(file, O_RDONLY | O_CLOEXEC)
        guard descriptor >= 0 else { return nil }
        defer { close(descriptor) }
        var buffer = [UInt8](repeating: 0, count: 128)
        let count = pread(descriptor, &buffer, buffer.count, 0)
        return parse(String(decoding: buffer.prefix(max(count, 0)), as: UTF8.self))
    }

    static func parse(_ text: String) -> StackKeeper? {
        guard text.hasSuffix("\n") else { return nil }
        var values: [Substring: Int] = [:]
        for word in text.dropLast().split(separator: " ") {
            let pair = word.split(separator: "=", maxSplits: 1)
            if pair.count == 2, let number = Int(pair[1]) { values[pair[0]] = number }
        }
        guard let process = values["pid"], let port = values["port"], process > 1 else {
            return nil
        }
        return StackKeeper(process: pid_t(process), port: port)
    }
}
