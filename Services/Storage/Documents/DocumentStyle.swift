/// How documents look, in HTML and in Word alike.
public struct DocumentStyle: Sendable {
    public var bodyFont = "Calibri"
    public var headingFont = "Calibri"
    public var codeFont = "Consolas"
    /// In points.
    public var bodySize = 11.0
    public var codeSize = 9.5
    /// In points, by level.
    public var headingSizes = [22.0, 17.0, 14.0, 12.0, 11.0, 11.0]
    /// Six hexadecimal digits.
    public var headingColor = "1F3A5F"
    public var linkColor = "1A5FB4"
    public var quietColor = "5E5C64"
    public var codeBackground = "F3F2F1"
    public var borderColor = "C0BFBC"
    /// In inches.
    public var margin = 1.0

    public init() {}

    func headingSize(_ level: Int) -> Double {
        headingSizes[min(max(level, 1), headingSizes.count) - 1]
    }
}

/// Which addresses a document may point to.
enum SafeURL {
    private static let schemes: Set = ["http", "https", "mailto"]

    /// The address when a click on it can do no harm: a web page, a letter, a place in the same
    /// document or beside it; nil for every other (`javascript:`, `file:`, `data:` …).
    static func check(_ url: String) -> String? {
        let hidden = url.unicodeScalars.contains { $0.value < 33 || $0.value == 127 }
        guard !url.isEmpty, !hidden, url.utf8.count <= 2_048 else { return nil }
        guard let colon = url.firstIndex(of: ":") else { return url }
        let scheme = url[..<colon]
        // A colon behind a slash, a question or a fragment belongs to no scheme.
        if scheme.contains(where: { "/?#".contains($0) }) { return url }
        return schemes.contains(scheme.lowercased()) ? url : nil
    }
}

/// Text in XML and HTML.
enum Markup {
    /// Escaped, and without what XML 1.0 (2.2) does not allow.
    static func escape(_ text: String) -> String {
        var out = ""
        out.unicodeScalars.reserveCapacity(text.unicodeScalars.count)
        for scalar in text.unicodeScalars {
            switch scalar {
            case "&": out += "&amp;"
            case "<": out += "&lt;"
            case ">": out += "&gt;"
            case "\"": out += "&quot;"
            case "'": out += "&#39;"
            case "\t", "\n": out.unicodeScalars.append(scalar)
            default:
                let isAllowed =
                    scalar.value >= 32 && scalar.value != 0xFFFE && scalar.value != 0xFFFF
                out.unicodeScalars.append(isAllowed ? scalar : "\u{FFFD}")
            }
        }
        return out
    }
}
