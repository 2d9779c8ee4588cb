/// What a prompt of the Write studio says, read from the very text a model would get.
struct Prompt {
    enum Role { case writer, reviewer }

    var role: Role
    var round: Int
    var title: String
    var document: String
    var critiques: [String] = []
    var references: [(name: String, text: String)] = []
    var criteria: [(name: String, weight: Double)] = []

    /// Nil when the prompt has no document between delimiters, or no task that is understood.
    init?(system: String, messages: [(role: String, content: String)]) {
        let regions = messages.last { $0.role == "user" && $0.content.contains("<<<DOCUMENT ") }
            .map { Regions($0.content) }
        guard let regions, let document = regions.found.first(where: { $0.kind == "DOCUMENT" })
        else { return nil }
        guard let role = Self.role(in: regions.outside, system: system) else { return nil }
        self.role = role
        self.document = document.text
        critiques = regions.found.filter { $0.kind == "CRITIQUE" }.map(\.text)
        references = regions.found.filter { $0.kind == "REFERENCE" }.map { ($0.name, $0.text) }
        title = Self.value(of: "Title:", in: regions.outside) ?? ""
        let turns = messages.count { $0.role == "assistant" } + 1
        round = Self.value(of: "Round:", in: regions.outside).flatMap(Self.leadingNumber) ?? turns
        criteria = Self.criteria(in: regions.outside)
    }

    private static func role(in lines: [String], system: String) -> Role? {
        if let task = value(of: "Task:", in: lines)?.asciiLowercased {
            if task.hasPrefix("revise") || task.hasPrefix("write") { return .writer }
            if task.hasPrefix("review") { return .reviewer }
        }
        guard let first = system.lines.first?.asciiLowercased else { return nil }
        if first.contains("the writer") { return .writer }
        return first.contains("the editor") || first.contains("the critic") ? .reviewer : nil
    }

    private static func value(of label: String, in lines: [String]) -> String? {
        lines.first { $0.hasPrefix(label) }.map { String($0.dropFirst(label.count)).trimmed }
    }

    private static func leadingNumber(_ text: String) -> Int? {
        Int(Byte.string(text.utf8.prefix(while: Byte.isDigit)))
    }

    /// The lines `- clarity (weight 2)` below the line that begins with `Criteria`.
    private static func criteria(in lines: [String]) -> [(name: String, weight: Double)] {
        guard let start = lines.firstIndex(where: { $0.hasPrefix("Criteria") }) else { return [] }
        return lines[(start + 1)...].drop { $0.isEmpty }.prefix { $0.hasPrefix("- ") }.map { line in
            let entry = line.dropFirst(2)
            let mark = " (weight "
            guard entry.hasSuffix(")"), let range = entry.ranges(of: mark).last else {
                return (String(entry), 1)
            }
            let weight = Double(entry[range.upperBound...].dropLast()) ?? 1
            return (String(entry[..<range.lowerBound]), weight > 0 ? weight : 1)
        }
    }
}

/// The parts of a message between lines `<<<KIND mark: name>>>` and `<<<END KIND mark>>>`, and the
/// lines outside them.
///
/// A part ends only at the line with its own mark, so material that imitates a delimiter stays
/// material.
struct Regions {
    struct Region {
        var kind: String
        var name: String
        var text: String
    }

    private(set) var found: [Region] = []
    private(set) var outside: [String] = []

    init(_ message: String) {
        let lines = message.utf8.split(separator: Byte.newline, omittingEmptySubsequences: false)
        var index = 0
        while index < lines.count {
            let line = Byte.string(lines[index])
            index += 1
            guard let (kind, mark, name) = Self.opening(line) else {
                outside.append(line)
                continue
            }
            let closing = Array("<<<END \(kind) \(mark)>>>".utf8)
            let end = lines[index...].firstIndex { $0.elementsEqual(closing) } ?? lines.endIndex
            let body = lines[index..<end].joined(separator: [Byte.newline])
            found.append(Region(kind: kind, name: name, text: Byte.string(Array(body))))
            index = end + 1
        }
    }

    private static func opening(_ line: String) -> (kind: String, mark: String, name: String)? {
        guard line.hasPrefix("<<<"), line.hasSuffix(">>>") else { return nil }
        let inner = line.dropFirst(3).dropLast(3)
        let halves = inner.split(separator: ":", maxSplits: 1).map { String($0).trimmed }
        guard let head = halves.first?.split(separator: " "), head.count == 2, head[0] != "END"
        else { return nil }
        return (String(head[0]), String(head[1]), halves.count > 1 ? halves[1] : "")
    }
}
