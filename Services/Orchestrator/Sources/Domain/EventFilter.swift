/// Which events somebody wants to hear of.
enum EventFilter {
    /// Everything about a run as a whole, and what it asks.
    static let usual = ["run.*", "gate.*"]
    static let most = 20

    /// True for `run.completed` where `run.completed`, `run.*` or `*` is wanted.
    static func fits(_ kind: String, _ patterns: some Sequence<some StringProtocol>) -> Bool {
        patterns.contains { pattern in
            if pattern == "*" || pattern == kind { return true }
            return pattern.hasSuffix(".*") && kind.hasPrefix(pattern.dropLast())
        }
    }

    /// What is wrong with the patterns; nil when they can be kept.
    static func fault(_ patterns: [String]) -> String? {
        guard (1...most).contains(patterns.count) else {
            return "takes 1 to \(most) kinds of events"
        }
        let bad = patterns.first { pattern in
            let name = pattern.hasSuffix(".*") ? pattern.dropLast(2) : pattern[...]
            let isName = !name.isEmpty && name.count <= 60 && name.allSatisfy(isAllowed)
            return pattern != "*" && !isName
        }
        return bad.map {
            "\"\($0.prefix(60))\" is no kind of event, such as run.completed or run.*"
        }
    }

    private static func isAllowed(_ character: Character) -> Bool {
        ("a"..."z").contains(character) || ("0"..."9").contains(character)
            || character == "." || character == "-" || character == "_"
    }
}
