/// What a document may be called. Names are shown, offered for download and put into archives by
/// others, so that what misleads a file system is refused here; no path is ever made of one.
enum DocumentName {
    static let maxBytes = 200

    /// What is wrong with `name`, or nil.
    static func fault(_ name: String) -> String? {
        if name.isEmpty { return "is empty" }
        if name.utf8.count > maxBytes { return "has more than \(maxBytes) bytes" }
        if name == "." || name == ".." { return "is no name" }
        if name.contains("..") { return "holds `..`" }
        if name.contains("/") || name.contains("\\") { return "holds a slash" }
        if name.unicodeScalars.contains(where: isControl) { return "holds a control character" }
        if name.first == " " || name.last == " " { return "begins or ends with a space" }
        return nil
    }

    /// The folders above a name, at most.
    static let maxDepth = 32
    static let maxPathBytes = 1_000

    /// What is wrong with a name that may lie in folders of its tree (`src/main.py`), or nil. Each
    /// part is a name; there is no root and no way up.
    static func pathFault(_ path: String) -> String? {
        if path.utf8.count > maxPathBytes { return "has more than \(maxPathBytes) bytes" }
        let parts = path.split(separator: "/", omittingEmptySubsequences: false)
        if parts.count > maxDepth { return "lies in more than \(maxDepth - 1) folders" }
        for part in parts {
            guard let fault = fault(String(part)) else { continue }
            return parts.count == 1 ? fault : "has a part that \(fault)"
        }
        return nil
    }

    /// What is wrong with an owner, a run or a key, or nil.
    static func identifierFault(_ text: String) -> String? {
        if text.isEmpty { return "is empty" }
        if text.utf8.count > maxBytes { return "has more than \(maxBytes) bytes" }
        if text.unicodeScalars.contains(where: isControl) { return "holds a control character" }
        return nil
    }

    /// Unicode's control and format characters (Cc, Cf: a right-to-left override among them) and
    /// its line and paragraph separators.
    private static func isControl(_ scalar: Unicode.Scalar) -> Bool {
        switch scalar.properties.generalCategory {
        case .control, .format, .lineSeparator, .paragraphSeparator: true
        default: false
        }
    }
}
