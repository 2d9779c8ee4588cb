import FoundationEssentials
public import MeshContract

/// Configuration: the environment first, then the service's file `config/<service>.conf` in the
/// data folder (lines of `NAME=value`), for what is not secret.
public struct Settings: Sendable {
    private let environment: [String: String]
    private let file: [String: String]

    public init(environment: [String: String], file: [String: String] = [:]) {
        (self.environment, self.file) = (environment, file)
    }

    /// Reads the file where there is one. Refuses a line that is no setting, and a secret in it.
    public static func load(
        service: String, data: DataFolder, environment: [String: String]
    ) throws(Fault) -> Settings {
        let path = "\(data.path)/config/\(service).conf"
        guard let bytes = try read(path) else { return Settings(environment: environment) }
        guard let text = String(validating: bytes, as: UTF8.self) else {
            throw Fault(.invalid, "\(path) is not UTF-8")
        }
        var file: [String: String] = [:]
        let lines = text.split(omittingEmptySubsequences: false, whereSeparator: \.isNewline)
        for (index, raw) in lines.enumerated() {
            let line = trimmed(raw)
            if line.isEmpty || line.hasPrefix("#") { continue }
            let place = "\(path):\(index + 1)"
            guard let equals = line.firstIndex(of: "="), equals > line.startIndex else {
                throw Fault(.invalid, "\(place): a line is NAME=value")
            }
            let name = trimmed(line[..<equals])
            if isSecret(name) {
                throw Fault(.invalid, "\(place): \(name) is a secret; set it in the environment")
            }
            let value = trimmed(line[line.index(after: equals)...])
            guard file.updateValue(value, forKey: name) == nil else {
                throw Fault(.invalid, "\(place): \(name) is set twice")
            }
        }
        return Settings(environment: environment, file: file)
    }

    /// nil when there is no such file; one that is there and cannot be read is no such case.
    private static func read(_ path: String) throws(Fault) -> Data? {
        do {
            return try Data(contentsOf: URL(filePath: path))
        } catch let error as CocoaError where error.code == .fileReadNoSuchFile {
            return nil
        } catch {
            throw Fault(.unavailable, "\(path) cannot be read")
        }
    }

    /// nil for what is not set, or set to nothing.
    public func text(_ name: String) -> String? {
        guard let value = environment[name] ?? file[name], !value.isEmpty else { return nil }
        return value
    }

    public func text(_ name: String, default fallback: String) -> String { text(name) ?? fallback }

    public func integer(
        _ name: String, default fallback: Int, in range: ClosedRange<Int>
    ) throws(Fault) -> Int {
        guard let value = text(name) else { return fallback }
        guard let number = Int(value), range.contains(number) else {
            throw Fault(
                .invalid,
                "\(name) takes a number from \(range.lowerBound) to \(range.upperBound)")
        }
        return number
    }

    /// Comma-separated; empty when not set.
    public func list(_ name: String) -> [String] {
        (text(name) ?? "").split(separator: ",").map { Self.trimmed($0) }.filter { !$0.isEmpty }
    }

    private static func isSecret(_ name: String) -> Bool {
        let name = name.uppercased()
        return ["SECRET", "_KEY", "TOKEN", "PASSWORD"].contains { name.contains($0) }
    }

    private static func trimmed(_ text: some StringProtocol) -> String {
        String(text.drop { $0.isWhitespace }.reversed().drop { $0.isWhitespace }.reversed())
    }
}
