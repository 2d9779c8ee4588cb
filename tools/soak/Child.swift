import Glibc

/// A process of this very program.
final class Child: Sendable {
    struct Failure: Error, CustomStringConvertible {
        let doing: String
        let number = errno
        var description: String { "\(doing): \(String(cString: strerror(number)))" }
        init(doing: String) { self.doing = doing }
    }

    let process: pid_t

    init(_ words: [String]) throws {
        let program = "/proc/\(getpid())/exe"
        var raw = ([program] + words + ["\(getpid())"]).map { strdup($0) } + [nil]
        defer { for word in raw { free(word) } }
        var process = pid_t()
        let failure = posix_spawn(&process, program, nil, nil, &raw, environ)
        guard failure == 0 else {
            errno = failure
            throw Failure(doing: "start \(words.joined(separator: " "))")
        }
        self.process = process
    }

    func signal(_ number: Int32) { kill(process, number) }

    /// True once it has ended, which is then taken note of.
    var hasEnded: Bool {
        var status: Int32 = 0
        return waitpid(process, &status, WNOHANG) != 0
    }

    /// Waits for its end; past the time it is killed.
    func end(within time: Duration = .seconds(6)) async {
        let deadline = ContinuousClock.now + time
        while !hasEnded {
            if ContinuousClock.now > deadline { signal(SIGKILL) }
            try? await Task.sleep(for: .milliseconds(5))  // cancelled, it asks the faster
        }
    }
}

/// What a process holds.
struct Holdings {
    var kilobytes: Int
    var descriptors: Int
    var threads: Int

    init(of process: pid_t) {
        let pages = Self.text("/proc/\(process)/statm").split(separator: " ")
        kilobytes = (pages.count > 1 ? Int(pages[1]) ?? 0 : 0) * Int(getpagesize()) / 1_024
        // The look itself holds one.
        descriptors = Self.count("/proc/\(process)/fd") - (process == getpid() ? 1 : 0)
        threads = Self.count("/proc/\(process)/task")
    }

    private static func text(_ path: String) -> String {
        let descriptor = open(path, O_RDONLY | O_CLOEXEC)
        guard descriptor >= 0 else { return "" }
        defer { close(descriptor) }
        var bytes = [UInt8](repeating: 0, count: 4_096)
        let count = read(descriptor, &bytes, bytes.count)
        return String(decoding: bytes.prefix(max(count, 0)), as: UTF8.self)
    }

    private static func count(_ path: String) -> Int {
        guard let folder = opendir(path) else { return 0 }
        defer { closedir(folder) }
        var count = -2  // itself and the one above
        while readdir(folder) != nil { count += 1 }
        return count
    }
}
