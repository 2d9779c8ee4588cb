import Dialects
import FoundationEssentials
import Testing

/// A recorded stream, or another file of the fixtures.
struct Fixture: Sendable, CustomTestStringConvertible {
    let folder: String
    let name: String
    let path: String

    var testDescription: String { "\(folder)/\(name)" }

    private static let root =
        "/" + #filePath.split(separator: "/").dropLast(2).joined(separator: "/")
        + "/Fixtures/dialects"

    static func path(_ name: String) -> String { "\(root)/\(name)" }

    /// The files of a kind, in the folders of a folder.
    static func all(_ kind: String, _ endings: [String]) -> [Fixture] {
        let files = FileManager.default
        let folders = (try? files.contentsOfDirectory(atPath: path(kind))) ?? []
        return folders.sorted().flatMap { folder -> [Fixture] in
            let names = (try? files.contentsOfDirectory(atPath: path("\(kind)/\(folder)"))) ?? []
            return names.sorted().compactMap { name in
                guard endings.contains(where: name.hasSuffix) else { return nil }
                let stem = name.split(separator: ".").dropLast().joined(separator: ".")
                return Fixture(
                    folder: folder, name: stem, path: path("\(kind)/\(folder)/\(name)"))
            }
        }
    }

    static let streams = all("streams", [".sse", ".ndjson"])
    /// Those that come to an end.
    static let whole = streams.filter { !$0.isFailure }

    var bytes: [UInt8] {
        get throws { Array(try Data(contentsOf: URL(filePath: path))) }
    }
    var json: JSONValue {
        get throws { try JSONValue(parsing: bytes) }
    }

    var isFailure: Bool { name.hasPrefix("error") || name == "failed" }

    var dialect: any Dialect {
        switch folder {
        case "anthropic": AnthropicDialect()
        case "openai": OpenAIDialect()
        case "openai-compatible": OpenAIDialect(.compatible)
        case "openai-responses": ResponsesDialect()
        case "gemini": GeminiDialect()
        default: OllamaDialect()
        }
    }

    /// The reply of a stream.
    func answer() throws -> ModelAnswer {
        let reading = read([try bytes], with: dialect)
        if let failure = reading.failure { throw failure }
        return reading.answer
    }
}

/// Compares with what was accepted, or accepts it.
func expectGolden(_ now: String, _ path: String) {
    if ProcessInfo.processInfo.environment["ATELIER_ACCEPT"] == "1" {
        let folder = path.split(separator: "/").dropLast().joined(separator: "/")
        try? FileManager.default.createDirectory(
            atPath: "/" + folder, withIntermediateDirectories: true)
        try? now.write(toFile: path, atomically: true, encoding: .utf8)
    }
    let old = (try? String(contentsOfFile: path, encoding: .utf8)) ?? ""
    let lines = (
        old.split(separator: "\n", omittingEmptySubsequences: false),
        now.split(separator: "\n", omittingEmptySubsequences: false)
    )
    let first = zip(lines.0, lines.1).first { $0 != $1 }
    #expect(
        old == now,
        """
        \(path.split(separator: "/").suffix(3).joined(separator: "/")) differs: \
        \(first.map { "\($0.0)\n≠\n\($0.1)" } ?? "in length")
        If that is meant: ATELIER_ACCEPT=1 swift test --filter DialectsTests
        """)
}

/// The same JSON, but for the order of members and the writing of numbers.
func same(_ one: JSONValue, _ other: JSONValue) -> Bool { difference(one, other) == nil }

/// Where two values differ first; nil when they mean the same.
func difference(_ one: JSONValue, _ other: JSONValue, at path: String = "") -> String? {
    switch (one, other) {
    case (.number, .number):
        if one == other || one.double == other.double && one.double != nil { return nil }
    case (.array(let ones), .array(let others)):
        guard ones.count == others.count else {
            return "\(path): \(ones.count) items ≠ \(others.count)"
        }
        for (index, pair) in zip(ones, others).enumerated() {
            if let found = difference(pair.0, pair.1, at: "\(path)/\(index)") { return found }
        }
        return nil
    case (.object(let ones), .object(let others)):
        for key in Set(ones.keys + others.keys).sorted() {
            guard let one = ones[key], let other = others[key] else {
                return "\(path)/\(key): only \(ones[key] == nil ? "right" : "left")"
            }
            if let found = difference(one, other, at: "\(path)/\(key)") { return found }
        }
        return nil
    default: if one == other { return nil }
    }
    return "\(path): \(one.text.prefix(120)) ≠ \(other.text.prefix(120))"
}

/// Events as lines of text.
func describe(_ events: [ModelEvent]) -> String {
    events.map { event in
        switch event {
        case .start(let head):
            let created = head.created.map { " at \($0)" } ?? ""
            return "start \(head.id) \(head.model)\(created)\(describe(head.extras))"
        case .open(let index, let part): return "open \(index) \(describe(part))"
        case .text(let index, let text): return "text \(index) \(JSONValue.string(text).text)"
        case .thinking(let index, let text):
            return "thinking \(index) \(JSONValue.string(text).text)"
        case .signature(let index, let signature): return "signature \(index) \(signature.value)"
        case .arguments(let index, let text):
            return "arguments \(index) \(JSONValue.string(text).text)"
        case .detail(let index, let detail):
            return "detail \(index.map { "\($0)" } ?? "-") \(detail.key)"
                + "\(detail.isItem ? "[]" : "") \(detail.value.text)"
        case .close(let index): return "close \(index)"
        case .usage(let usage):
            return "usage in \(usage.input) (\(usage.cachedInput) cached, \(usage.cacheWrite) "
                + "written, \(usage.cacheWriteHour) for an hour) out \(usage.output) "
                + "(\(usage.reasoning) reasoning)\(usage.isEstimated ? " estimated" : "")"
                + (usage.searches > 0 ? " searches \(usage.searches)" : "")
                + (usage.tier.map { " as \($0)" } ?? "")
        case .stop(let stop):
            return "stop \(stop.reason) \(stop.word?.word ?? "-") "
                + "\(stop.sequence ?? "-")\(describe(stop.extras))"
        case .other(let raw): return "other \(raw.value.text)"
        }
    }.joined(separator: "\n") + "\n"
}

private func describe(_ extras: Extras) -> String {
    DialectName.allCases.compactMap { name in
        extras[name].isEmpty ? nil : " \(name)=\(JSONValue.object(extras[name]).text)"
    }.joined()
}

private func describe(_ part: ContentPart) -> String {
    let word: String
    switch part {
    case .text(let part):
        let signature = part.signature.map { " signed \($0.value)" } ?? ""
        word = (part.isRefusal ? "refusal" : "text") + signature
    case .media(let part): word = "\(part.kind) \(part.mediaType ?? "-")"
    case .toolCall(let call):
        word = "call \(call.id) \(call.name) \(call.form) \(call.signature?.value ?? "-")"
    case .toolResult(let result): word = "result \(result.callID)"
    case .thinking(let part): word = "thinking \(part.signature?.value ?? "-")"
    case .redacted(let part): word = "redacted \(part.sealed.origin) \(part.sealed.value)"
    case .other(let raw): word = "other \(raw.origin) \(raw.value.text)"
    }
    return word + describe(part.extras)
}

extension [ContentPart] {
    /// With the arguments of calls written in one way.
    var normal: [ContentPart] {
        map { part in
            guard case .toolCall(var call) = part, call.form == .function else { return part }
            let text = call.arguments.isEmpty ? "{}" : call.arguments
            call.arguments = (try? JSONValue(parsing: text))?.text ?? text
            return .toolCall(call)
        }
    }
}
