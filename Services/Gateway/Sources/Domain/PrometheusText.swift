/// Figures in the text format 0.0.4 of Prometheus: families in the order in which they were begun,
/// each with its samples together, as the format wants.
struct PrometheusText: Sendable {
    enum Kind: String, Sendable { case counter, gauge, histogram }

    /// A cumulative histogram: how many were at most this much, for growing bounds.
    struct Distribution: Sendable {
        var bounds: [(le: Double, count: Int)]
        var sum: Double
        var count: Int
    }

    private struct Family {
        var head: String
        var samples = ""
    }

    private var order: [String] = []
    private var families: [String: Family] = [:]

    var text: String {
        order.compactMap { families[$0] }.filter { !$0.samples.isEmpty }
            .map { $0.head + $0.samples }.joined()
    }

    /// Begins a family. What it is for fits on one line.
    mutating func family(_ name: String, _ kind: Kind, _ help: String) {
        guard families[name] == nil else { return }
        order.append(name)
        families[name] = Family(
            head: "# HELP \(name) \(Self.escaped(help))\n# TYPE \(name) \(kind.rawValue)\n")
    }

    mutating func add(_ name: String, _ labels: [(String, String)], _ value: Double) {
        families[name]?.samples += "\(name)\(Self.written(labels)) \(Self.number(value))\n"
    }

    mutating func add(_ name: String, _ labels: [(String, String)], _ value: Int) {
        families[name]?.samples += "\(name)\(Self.written(labels)) \(value)\n"
    }

    mutating func add(_ name: String, _ labels: [(String, String)], _ whole: Distribution) {
        var lines = ""
        for (bound, count) in whole.bounds {
            let labels = Self.written(labels + [("le", Self.number(bound))])
            lines += "\(name)_bucket\(labels) \(count)\n"
        }
        lines += "\(name)_bucket\(Self.written(labels + [("le", "+Inf")])) \(whole.count)\n"
        lines += "\(name)_sum\(Self.written(labels)) \(Self.number(whole.sum))\n"
        lines += "\(name)_count\(Self.written(labels)) \(whole.count)\n"
        families[name]?.samples += lines
    }

    /// A name of the OpenTelemetry conventions as Prometheus has it: `gen_ai.client.operation.duration`
    /// in `s` is `gen_ai_client_operation_duration_seconds`.
    static func name(_ name: String, unit: String) -> String {
        let units = ["s": "_seconds", "By": "_bytes", "ms": "_milliseconds"]
        return label(name) + (units[unit] ?? "")
    }

    /// Letters, digits and underscores, none of the digits first.
    static func label(_ name: String) -> String {
        let text = String(
            name.unicodeScalars.map { scalar in
                let isPlain =
                    ("a"..."z").contains(scalar) || ("A"..."Z").contains(scalar)
                    || ("0"..."9").contains(scalar)
                return isPlain ? Character(scalar) : "_"
            })
        return text.first.map { $0.isNumber } ?? true ? "_" + text : text
    }

    private static func written(_ labels: [(String, String)]) -> String {
        guard !labels.isEmpty else { return "" }
        let parts = labels.map { "\($0.0)=\"\(escaped($0.1, quotes: true))\"" }
        return "{" + parts.joined(separator: ",") + "}"
    }

    private static func escaped(_ text: String, quotes: Bool = false) -> String {
        var out = ""
        for character in text {
            switch character {
            case "\\": out += "\\\\"
            case "\n", "\r\n": out += "\\n"
            case "\"" where quotes: out += "\\\""
            default: out.append(character)
            }
        }
        return out
    }

    private static func number(_ value: Double) -> String {
        if value.isNaN { return "NaN" }
        if value.isInfinite { return value > 0 ? "+Inf" : "-Inf" }
        return Int(exactly: value).map(String.init) ?? "\(value)"
    }
}
