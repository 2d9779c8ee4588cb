import Zip

/// A document as Word's file format (ECMA-376, WordprocessingML): one zip file of XML parts, the
/// same bytes for the same document.
public struct DocxWriter: Sendable {
    private let style: DocumentStyle

    public init(_ style: DocumentStyle = DocumentStyle()) { self.style = style }

    /// The file. `modified` is in wall milliseconds; `author` and `title` are its properties.
    public func file(
        _ document: Markdown, title: String, author: String, modified: Int64
    ) -> [UInt8] {
        var body = DocxBody(style)
        body.write(document)
        let parts: [(String, String)] = [
            ("[Content_Types].xml", DocxParts.contentTypes),
            ("_rels/.rels", DocxParts.relationships),
            ("word/document.xml", body.xml),
            ("word/_rels/document.xml.rels", body.relationships),
            ("word/styles.xml", DocxParts.styles(style)),
            ("word/numbering.xml", body.numbering),
            ("word/settings.xml", DocxParts.settings),
            ("docProps/core.xml", DocxParts.properties(title, author, modified)),
        ]
        return ZipLayout.file(
            parts.map { ($0.0, Array((DocxParts.head + $0.1).utf8)) }, modified: modified)
    }
}
