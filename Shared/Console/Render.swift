import FoundationEssentials
import Wire

/// A reply as a command prints it: lines and tables for a person, JSON for a program.
public enum Render {
    public static func json(_ value: some Encodable) throws -> String {
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
        return String(decoding: try encoder.encode(value), as: UTF8.self)
    }

    /// `name  value` lines in declared order; a list of records becomes a table.
    public static func text(_ value: some Encodable) throws -> String {
        let bytes = try WireEncoder.encode(value)
        return lines(try WireDecoder.decode(WireValue.self, from: bytes)).joined(separator: "\n")
    }

    private static func lines(_ value: WireValue) -> [String] {
        guard case .map(let pairs) = value else { return [cell(value)] }
        let width = pairs.map { $0.key.count }.max() ?? 0
        return pairs.flatMap { pair -> [String] in
            let (name, value) = (pair.key, pair.value)
            if case .array(let items) = value, case .map? = items.first {
                return ["\(name):"] + table(items)
            }
            return [padded(name, width) + "  " + cell(value)]
        }
    }

    /// Columns as wide as their widest cell.
    public static func table(_ rows: [[String]]) -> [String] {
        let count = rows.map(\.count).max() ?? 0
        let widths = (0..<count).map { column in
            rows.map { column < $0.count ? $0[column].count : 0 }.max() ?? 0
        }
        return rows.map { row in
            let cells = row.enumerated().map { padded($1, $0 == row.count - 1 ? 0 : widths[$0]) }
            return cells.joined(separator: "  ")
        }
    }

    private static func table(_ items: [WireValue]) -> [String] {
        let records = items.map { item -> [(String, WireValue)] in
            if case .map(let pairs) = item { return pairs.map { ($0.key, $0.value) } }
            return []
        }
        var names: [String] = []
        for record in records {
            for (name, _) in record where !names.contains(name) { names.append(name) }
        }
        let body = records.map { record in
            names.map { name in record.first { $0.0 == name }.map { cell($0.1) } ?? "" }
        }
        return table([names] + body).map { "  " + $0 }
    }

    private static func cell(_ value: WireValue) -> String {
        switch value {
        case .null: return "-"
        case .text(let text): return short(text)
        case .bytes(let bytes): return "\(bytes.count) bytes"
        case .array(let items): return items.map(cell).joined(separator: ", ")
        case .map(let pairs):
            return pairs.map { "\($0.key)=\(cell($0.value))" }.joined(separator: " ")
        default: return (try? json(value)) ?? ""
        }
    }

    /// The first line, without what a terminal would obey: a reply may hold a stranger's text.
    private static func short(_ text: String) -> String {
        var line = String.UnicodeScalarView()
        var isCut = false
        for scalar in text.unicodeScalars {
            if scalar == "\n" || scalar == "\r" || line.count == 200 {
                isCut = true
                break
            }
            let isControl = scalar.value < 32 || (127...159).contains(scalar.value)
            line.append(isControl ? "?" : scalar)
        }
        return isCut ? "\(String(line)) …" : String(line)
    }

    private static func padded(_ text: String, _ width: Int) -> String {
        text + String(repeating: " ", count: max(0, width - text.count))
    }
}
