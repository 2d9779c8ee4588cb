import Contracts
import Documents
import MeshContract

/// The forms in which a document leaves.
enum ExportFormat: String, CaseIterable {
    case md, html, docx, letter

    /// A document on its way out.
    struct Source {
        /// The file's name without its ending.
        var stem: String
        var content: [UInt8]
        var title: String?
        var preview: String?
        var author: String?
        /// Wall milliseconds.
        var modified: Int64
    }

    init(named name: String) throws(Fault) {
        guard let format = ExportFormat(rawValue: name) else {
            let known = Self.allCases.map(\.rawValue).joined(separator: ", ")
            throw Fault.refusing("/format", "is one of \(known)")
        }
        self = format
    }

    /// Writes a document; the same bytes for the same document.
    func write(_ source: Source) throws(Fault) -> Storage.Exported {
        guard let text = String(validating: source.content, as: UTF8.self) else {
            throw Fault(.invalid, "\(source.stem) is no text and cannot be exported")
        }
        let document = Markdown(reading: text)
        let title = source.title ?? document.title ?? source.stem
        let content: [UInt8] =
            switch self {
            case .md: source.content
            case .html: Array(HTMLWriter().page(document, title: title).utf8)
            case .letter:
                Array(
                    HTMLWriter().letter(
                        document, title: title, preview: source.preview ?? ""
                    ).utf8)
            case .docx:
                DocxWriter().file(
                    document, title: title, author: source.author ?? "Atelier",
                    modified: source.modified)
            }
        guard content.count <= Self.mostBytes else {
            throw Fault(.capped, "the document is too large to be exported as \(rawValue)")
        }
        return Storage.Exported(
            name: "\(source.stem).\(self == .letter ? "html" : rawValue)",
            contentType: contentType, content: content)
    }

    /// What a reply can carry.
    private static let mostBytes = 12 << 20

    private var contentType: String {
        switch self {
        case .md: "text/markdown; charset=utf-8"
        case .html, .letter: "text/html; charset=utf-8"
        case .docx:
            "application/vnd.openxmlformats-officedocument.wordprocessingml.document"
        }
    }

    /// The name without its folders and its last ending.
    static func stem(_ name: String) -> String {
        let last = name.split(separator: "/").last.map(String.init) ?? name
        guard let dot = last.lastIndex(of: "."), dot != last.startIndex else { return last }
        return String(last[..<dot])
    }
}
