/// Text of somebody else's on our terminal: a model, a file or a peer must not move the cursor,
/// change the title or hide what was printed.
enum Printable {
    /// Without control characters, except for line ends and tabs.
    static func text(_ text: String) -> String {
        guard text.unicodeScalars.contains(where: isForbidden) else { return text }
        var clean = String.UnicodeScalarView()
        clean.append(contentsOf: text.unicodeScalars.filter { !isForbidden($0) })
        return String(clean)
    }

    /// The same on one line, cut at `limit` characters.
    static func line(_ text: String, limit: Int = 120) -> String {
        let flat = String(Self.text(text).map { $0.isNewline || $0 == "\t" ? " " : $0 })
        return flat.count <= limit ? flat : flat.prefix(limit - 1) + "…"
    }

    private static func isForbidden(_ scalar: Unicode.Scalar) -> Bool {
        switch scalar.value {
        case 9, 10: false
        case ..<32, 127..<160: true
        // Marks that reorder what stands around them.
        case 0x202A...0x202E, 0x2066...0x2069: true
        default: false
        }
    }
}
