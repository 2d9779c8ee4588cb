import Glibc
import Synchronization

/// How loud a line is. Modules of the spine stay at `debug`; the service decides what is news.
public enum LogLevel: Int, Sendable, Comparable, CaseIterable {
    case debug, info, warning, error

    public init?(_ name: String) {
        guard let level = Self.allCases.first(where: { "\($0)" == name }) else { return nil }
        self = level
    }

    public static func < (left: LogLevel, right: LogLevel) -> Bool {
        left.rawValue < right.rawValue
    }
}

/// Writes a constant sentence and its fields, one line of `key=value` pairs each.
///
/// A value type: `log.with(["run": id])` carries fields into everything logged through it. Bodies,
/// prompts and keys never belong into a field; their type, size and id do.
public struct Log: Sendable {
    public typealias Sink = @Sendable (_ line: String) -> Void

    private let label: String
    private let level: LogLevel
    private let fields: [(String, String)]
    private let sink: Sink

    public init(
        _ label: String, level: LogLevel = .info,
        sink: @escaping Sink = { StandardError.write($0) }
    ) {
        (self.label, self.level, self.sink) = (label, level, sink)
        fields = []
    }

    private init(_ log: Log, adding more: [(String, String)]) {
        (label, level, sink) = (log.label, log.level, log.sink)
        fields = log.fields + more
    }

    public func with(_ more: KeyValuePairs<String, String>) -> Log {
        Log(self, adding: more.map { ($0.key, $0.value) })
    }

    public func debug(_ text: StaticString, _ more: KeyValuePairs<String, String> = [:]) {
        write(.debug, text, more)
    }
    public func info(_ text: StaticString, _ more: KeyValuePairs<String, String> = [:]) {
        write(.info, text, more)
    }
    public func warning(_ text: StaticString, _ more: KeyValuePairs<String, String> = [:]) {
        write(.warning, text, more)
    }
    public func error(_ text: StaticString, _ more: KeyValuePairs<String, String> = [:]) {
        write(.error, text, more)
    }

    private func write(
        _ level: LogLevel, _ text: StaticString, _ more: KeyValuePairs<String, String>
    ) {
        guard level >= self.level else { return }
        var line = "\(timestamp()) \(level) \(label): \(text)"
        for (key, value) in fields { line += " \(key)=\(quoted(value))" }
        for (key, value) in more { line += " \(key)=\(quoted(value))" }
        sink(line)
    }
}

/// The process's standard error, one whole line a write.
public enum StandardError {
    public static func write(_ line: String) {
        var bytes = Array(line.utf8)
        bytes.append(10)
        _ = bytes.withUnsafeBytes { Glibc.write(2, $0.baseAddress, $0.count) }
    }
}

/// Quotes what would break a line or a field apart, and keeps it short.
private func quoted(_ value: String) -> String {
    let plain = value.utf8.allSatisfy { $0 > 32 && $0 != 34 && $0 != 61 && $0 < 127 }
    if plain && !value.isEmpty && value.utf8.count <= 200 { return value }
    var text = "\""
    for scalar in value.unicodeScalars.prefix(500) {
        switch scalar {
        case "\"": text += "\\\""
        case "\\": text += "\\\\"
        case "\n": text += "\\n"
        case _ where breaksLines(scalar): text += "?"
        default: text.unicodeScalars.append(scalar)
        }
    }
    return text + "\""
}

/// Controls, the second set included, and Unicode's own line ends: some terminal obeys each.
private func breaksLines(_ scalar: Unicode.Scalar) -> Bool {
    scalar.value < 32 || (127...159).contains(scalar.value) || scalar == "\u{2028}"
        || scalar == "\u{2029}"
}

/// `2026-01-02T03:04:05.678Z`
private func timestamp() -> String {
    var now = timespec()
    clock_gettime(CLOCK_REALTIME, &now)
    var parts = tm()
    gmtime_r(&now.tv_sec, &parts)
    func two(_ number: Int32) -> String { number < 10 ? "0\(number)" : "\(number)" }
    let milliseconds = String(1_000 + now.tv_nsec / 1_000_000).dropFirst()
    return "\(parts.tm_year + 1900)-\(two(parts.tm_mon + 1))-\(two(parts.tm_mday))"
        + "T\(two(parts.tm_hour)):\(two(parts.tm_min)):\(two(parts.tm_sec)).\(milliseconds)Z"
}
