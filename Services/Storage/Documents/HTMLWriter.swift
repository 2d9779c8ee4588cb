/// A document as one HTML page that needs nothing from anywhere and runs nothing.
public struct HTMLWriter: Sendable {
    private let style: DocumentStyle

    public init(_ style: DocumentStyle = DocumentStyle()) { self.style = style }

    /// A whole page. `title` is shown in the window's frame only.
    public func page(_ document: Markdown, title: String) -> String {
        """
        <!DOCTYPE html>
        <html lang="">
        <head>
        <meta charset="utf-8">
        <meta name="viewport" content="width=device-width, initial-scale=1">
        <meta http-equiv="Content-Security-Policy" content="default-src 'none'; \
        style-src 'unsafe-inline'">
        <title>\(Markup.escape(title))</title>
        <style>
        \(sheet)
        </style>
        </head>
        <body>
        \(body(document))
        </body>
        </html>

        """
    }

    /// The same for a letter: what a mail program shows beside the subject comes first, unseen.
    public func letter(_ document: Markdown, title: String, preview: String) -> String {
        let hidden = "display:none;max-height:0;overflow:hidden;mso-hide:all"
        return page(document, title: title).replacing(
            "<body>\n",
            with: "<body>\n<div style=\"\(hidden)\">\(Markup.escape(preview))</div>\n",
            maxReplacements: 1)
    }

    /// What stands between the tags of the body.
    public func body(_ document: Markdown) -> String { blocks(document.blocks) }

    private var sheet: String {
        """
        body { font: \(style.bodySize)pt/1.55 \(style.bodyFont), system-ui, sans-serif; \
        max-width: 46em; margin: 2em auto; padding: 0 1em; overflow-wrap: anywhere; }
        h1, h2, h3, h4, h5, h6 { color: #\(style.headingColor); line-height: 1.25; }
        a { color: #\(style.linkColor); }
        code, pre { font-family: \(style.codeFont), monospace; font-size: \(style.codeSize)pt; \
        background: #\(style.codeBackground); }
        pre { padding: 0.8em; overflow-x: auto; white-space: pre-wrap; }
        blockquote { margin: 1em 0; padding-left: 1em; color: #\(style.quietColor); \
        border-left: 3px solid #\(style.borderColor); }
        table { border-collapse: collapse; }
        th, td { border: 1px solid #\(style.borderColor); padding: 0.3em 0.6em; }
        """
    }

    private func blocks(_ blocks: [Markdown.Block]) -> String {
        blocks.map(block).joined(separator: "\n")
    }

    private func block(_ block: Markdown.Block) -> String {
        switch block {
        case .heading(let level, let parts):
            let level = min(max(level, 1), 6)
            return "<h\(level)>\(inlines(parts))</h\(level)>"
        case .paragraph(let parts): return "<p>\(inlines(parts))</p>"
        case .quote(let inner): return "<blockquote>\n\(blocks(inner))\n</blockquote>"
        case .list(let list): return self.list(list)
        case .code(_, let text): return "<pre><code>\(Markup.escape(text))</code></pre>"
        case .rule: return "<hr>"
        case .table(let table): return self.table(table)
        }
    }

    private func list(_ list: Markdown.List) -> String {
        let items = list.items.map { item in
            let box = item.isDone.map { $0 ? "☑ " : "☐ " } ?? ""
            // One paragraph stands in its item without the space around it.
            if item.blocks.count == 1, case .paragraph(let parts) = item.blocks[0] {
                return "<li>\(box)\(inlines(parts))</li>"
            }
            return "<li>\(box)\n\(blocks(item.blocks))\n</li>"
        }
        guard let start = list.start else {
            return "<ul>\n\(items.joined(separator: "\n"))\n</ul>"
        }
        let from = start == 1 ? "" : " start=\"\(start)\""
        return "<ol\(from)>\n\(items.joined(separator: "\n"))\n</ol>"
    }

    private func table(_ table: Markdown.Table) -> String {
        func row(_ cells: [[Markdown.Inline]], _ tag: String) -> String {
            let cells = zip(cells, table.alignments).map { cell, alignment in
                "<\(tag)\(Self.attribute(alignment))>\(inlines(cell))</\(tag)>"
            }
            return "<tr>\(cells.joined())</tr>"
        }
        let head = table.rows.first.map { "<thead>\(row($0, "th"))</thead>\n" } ?? ""
        let rows = table.rows.dropFirst().map { row($0, "td") }.joined(separator: "\n")
        return "<table>\n\(head)<tbody>\n\(rows)\n</tbody>\n</table>"
    }

    private static func attribute(_ alignment: Markdown.Table.Alignment) -> String {
        switch alignment {
        case .none: ""
        case .left: " style=\"text-align:left\""
        case .center: " style=\"text-align:center\""
        case .right: " style=\"text-align:right\""
        }
    }

    private func inlines(_ parts: [Markdown.Inline]) -> String { parts.map(inline).joined() }

    private func inline(_ part: Markdown.Inline) -> String {
        switch part {
        case .text(let text): Markup.escape(text)
        case .emphasis(let parts): "<em>\(inlines(parts))</em>"
        case .strong(let parts): "<strong>\(inlines(parts))</strong>"
        case .strikethrough(let parts): "<del>\(inlines(parts))</del>"
        case .code(let text): "<code>\(Markup.escape(text))</code>"
        case .link(let url, let parts): link(url, inlines(parts))
        case .image(let url, let description):
            link(url, Markup.escape(description.isEmpty ? url : description))
        case .lineBreak: "<br>\n"
        case .softBreak: "\n"
        }
    }

    /// What leads nowhere safe keeps its words.
    private func link(_ url: String, _ words: String) -> String {
        guard let safe = SafeURL.check(url) else { return words }
        return "<a href=\"\(Markup.escape(safe))\" rel=\"noopener noreferrer\">\(words)</a>"
    }
}
