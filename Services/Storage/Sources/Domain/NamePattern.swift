/// Names by pattern: `*` stands for any characters, `?` for one, all else for itself.
enum NamePattern {
    static let maxBytes = 200

    /// What is wrong with a pattern, or nil.
    static func fault(_ pattern: String) -> String? {
        if pattern.isEmpty { return "is empty; `*` means every name" }
        return pattern.utf8.count > maxBytes ? "has more than \(maxBytes) bytes" : nil
    }

    /// For SQLite's GLOB, to which a bracket means more than itself.
    static func glob(_ pattern: String) -> String { pattern.replacing("[", with: "[[]") }
}
