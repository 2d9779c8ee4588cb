import FoundationEssentials
import Glibc
import Lifecycle
import Log
import MeshContract
import REST
import ServiceKit
import Synchronization

/// Every request as one line of JSON, in a file of its own.
///
/// It names routes as they were declared: no path, query, header or body is ever written, so no
/// secret and nobody's text. Lines wait in memory for a moment; past its limit they are counted
/// and left out.
final class AccessLog: Sendable {
    struct Entry: Sendable {
        var at: Int64
        var method: String
        var facts: RequestNotes.Facts
        var status: Int
        var nanoseconds: UInt64
        var request: String
        var trace: String?
        var remote: String
    }

    private static let mostWaiting = 4 << 20
    /// Then it is renamed to `….1`, in the place of the one before.
    private static let longestFile = 64 << 20
    private static let pace = Duration.milliseconds(250)

    private struct State {
        var lines: [UInt8] = []
        var missing = 0
    }

    private let path: String
    private let log: Log
    private let state = Mutex(State())
    private let writing = BlockingPool("access-log", threads: 1, queueLimit: 4)

    init(path: String, log: Log) { (self.path, self.log) = (path, log) }

    /// `off` for none, `on` for `logs/access.log` in the data folder, or a path.
    convenience init?(setting: String, data: DataFolder, log: Log) {
        guard setting != "off" else { return nil }
        self.init(path: setting == "on" ? "\(data.path)/logs/access.log" : setting, log: log)
    }

    func note(_ entry: Entry) {
        let line = Self.line(entry)
        state.withLock { state in
            guard state.lines.count + line.utf8.count <= Self.mostWaiting else {
                state.missing += 1
                return
            }
            state.lines += line.utf8
        }
    }

    static func line(_ entry: Entry) -> String {
        func text(_ value: String?) -> String {
            value.map { EventJSON.quoted(String($0.prefix(200))) } ?? "null"
        }
        let micros = entry.nanoseconds / 1_000
        let part = String(1_000 + micros % 1_000).dropFirst()
        return "{\"at\":\"\(rfc3339(entry.at))\",\"method\":\(text(entry.method)),"
            + "\"route\":\(text(entry.facts.route)),\"status\":\(entry.status),"
            + "\"bytes\":\(entry.facts.bytes.map(String.init) ?? "null"),"
            + "\"ms\":\(micros / 1_000).\(part),\"user\":\(text(entry.facts.user)),"
            + "\"key\":\(text(entry.facts.key)),\"request\":\(text(entry.request)),"
            + "\"trace\":\(text(entry.trace)),\"remote\":\(text(entry.remote))}\n"
    }

    var job: Running {
        Running(
            "access-log",
            run: { [self] in
                while true {
                    try await Task.sleep(for: Self.pace)
                    await flush()
                }
            },
            stop: { [self] in await flush() })
    }

    /// Writes what waits. A file that cannot be written costs the lines, not the requests.
    func flush() async {
        let (lines, missing) = state.withLock { state in
            defer { state = State() }
            return (state.lines, state.missing)
        }
        if missing > 0 { log.warning("the access log left lines out", ["lines": "\(missing)"]) }
        guard !lines.isEmpty else { return }
        do {
            try await writing.run { [path] in try Self.append(lines, to: path) }
        } catch {
            log.warning("the access log cannot be written", ["error": "\(error)"])
        }
    }

    /// Opened each time, so that whoever turns logs over need not tell us.
    private static func append(_ bytes: [UInt8], to path: String) throws {
        let descriptor = open(path, O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0o600)
        guard descriptor >= 0 else { throw failure("open", path) }
        defer { close(descriptor) }
        var rest = bytes[...]
        while !rest.isEmpty {
            let count = rest.withUnsafeBytes { Glibc.write(descriptor, $0.baseAddress, $0.count) }
            if count < 0 && errno == EINTR { continue }
            guard count > 0 else { throw failure("write", path) }
            rest = rest.dropFirst(count)
        }
        var status = stat()
        if fstat(descriptor, &status) == 0, Int(status.st_size) > longestFile,
            status.st_mode & S_IFMT == S_IFREG
        {
            rename(path, path + ".1")
        }
    }

    private static func failure(_ doing: String, _ path: String) -> Fault {
        Fault(.unavailable, "\(doing) \(path): \(String(cString: strerror(errno)))")
    }
}
