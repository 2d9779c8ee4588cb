import Contracts
import Documents
import MeshContract

/// The forms in which a document leaves.
enum ExportFormat: String, CaseIterable {
    case md, html, docx, letter

    /// Writes a document; the same bytes for the same document.
    func write(
        _ source: [UInt8], of artifact: Storage.Artifact, as request: Storage.Export
    ) throws -> Storage.Exported {
        guard let text = String(validating: source, as: UTF8.self) else {
            throw Fault(.invalid, "\(artifact.name) is no text and cannot be exported")
        }
        let document = Markdown(reading: text)
        let title = request.title ?? document.title ?? stem(artifact.name)
        let content: [UInt8] =
            switch self {
            case .md: source
            case .html: Array(HTMLWriter().page(document, title: title).utf8)
            case .letter:
                Array(
                    HTMLWriter().letter(
                        document, title: title, preview: request.preview ?? ""
                    ).utf8)
            case .docx:
                DocxWriter().file(
                    document, title: title, author: artifact.author ?? "Atelier",
                    modified: artifact.createdAt)
            }
        return Storage.Exported(
            name: "\(stem(artifact.name)).\(self == .letter ? "html" : rawValue)",
            contentType: contentType, content: content)
    }

    private var contentType: String {
        switch self {
        case .md: "text/markdown; charset=utf-8"
        case .html, .letter: "text/html; charset=utf-8"
        case .docx:
            "application/vnd.openxmlformats-officedocument.wordprocessingml.document"
        }
    }

    /// The name without its folders and its last ending.
    private func stem(_ name: String) -> String {
        let last = name.split(separator: "/").last.map(String.init) ?? name
        guard let dot = last.lastIndex(of: "."), dot != last.startIndex else { return last }
        return String(last[..<dot])
    }
}
