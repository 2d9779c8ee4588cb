/// Writes the blocks of a document as paragraphs and tables, and keeps what other parts must know
/// of them: the places that links lead to, and the lists' numbers.
struct DocxBody {
    private static let namespaces = """
        xmlns:w="http://schemas.openxmlformats.org/wordprocessingml/2006/main" \
        xmlns:r="http://schemas.openxmlformats.org/officeDocument/2006/relationships"
        """
    /// Levels that Word's lists have.
    private static let listLevels = 9

    /// Where a paragraph stands.
    private struct Place {
        var quotes = 0
        var list: (number: Int, level: Int)?
        /// Levels of list above a paragraph that is a list's and has no number of its own.
        var indent = 0
    }

    private let style: DocumentStyle
    private var content = ""
    private var links: [String] = []
    private var linkNumbers: [String: Int] = [:]
    /// The first number of each list; nil for bullets.
    private var lists: [Int?] = []

    init(_ style: DocumentStyle) { self.style = style }

    mutating func write(_ document: Markdown) {
        write(document.blocks, Place())
    }

    // MARK: The parts

    var xml: String {
        let edge = Int(style.margin * 1_440)
        return """
            <w:document \(Self.namespaces)><w:body>\(content)\
            <w:sectPr><w:pgSz w:w="11906" w:h="16838"/>\
            <w:pgMar w:top="\(edge)" w:right="\(edge)" w:bottom="\(edge)" w:left="\(edge)" \
            w:header="708" w:footer="708" w:gutter="0"/></w:sectPr></w:body></w:document>
            """
    }

    var relationships: String {
        let fixed = ["styles", "numbering", "settings"].map { name in
            DocxParts.relationship("rId-\(name)", name, "\(name).xml")
        }
        let outside = links.enumerated().map { number, url in
            DocxParts.relationship("rId\(number + 1)", "hyperlink", url, isOutside: true)
        }
        return DocxParts.relationships(fixed + outside)
    }

    var numbering: String { DocxParts.numbering(lists) }

    // MARK: Blocks

    private mutating func write(_ blocks: [Markdown.Block], _ place: Place) {
        for block in blocks { write(block, place) }
    }

    private mutating func write(_ block: Markdown.Block, _ place: Place) {
        switch block {
        case .heading(let level, let parts):
            paragraph("Heading\(min(max(level, 1), 6))", place, runs(parts))
        case .paragraph(let parts):
            paragraph(place.quotes > 0 ? "Quote" : nil, place, runs(parts))
        case .quote(let inner):
            var deeper = place
            deeper.quotes += 1
            write(inner, deeper)
        case .list(let list): write(list, place)
        case .code(_, let text): code(text, place)
        case .rule:
            paragraph("Rule", place, "")
        case .table(let table): write(table)
        }
    }

    private mutating func write(_ list: Markdown.List, _ place: Place) {
        lists.append(list.start)
        let number = lists.count
        let level = min(place.indent, Self.listLevels - 1)
        for item in list.items {
            var first = place
            first.list = (number, level)
            var rest = place
            (rest.list, rest.indent) = (nil, place.indent + 1)
            let mark = item.isDone.map { $0 ? "☑ " : "☐ " } ?? ""
            var blocks = item.blocks[...]
            let name = list.start == nil ? "ListBullet" : "ListNumber"
            if case .paragraph(let parts) = blocks.first {
                paragraph(name, first, runs([.text(mark)] + parts))
                blocks = blocks.dropFirst()
            } else {
                paragraph(name, first, runs([.text(mark)]))
            }
            write(Array(blocks), rest)
        }
    }

    private mutating func code(_ text: String, _ place: Place) {
        var lines = text.split(separator: "\n", omittingEmptySubsequences: false)
        if lines.last?.isEmpty == true { lines.removeLast() }
        let runs = lines.map { line in
            "<w:r>\(Self.text(String(line)))</w:r>"
        }
        paragraph("Code", place, runs.joined(separator: "<w:r><w:br/></w:r>"))
    }

    private mutating func write(_ table: Markdown.Table) {
        let columns = table.alignments.count
        guard columns > 0 else { return }
        let width = 9_000 / columns
        var xml = """
            <w:tbl><w:tblPr><w:tblStyle w:val="TableGrid"/><w:tblW w:w="0" w:type="auto"/>\
            <w:tblLook w:val="0420" w:firstRow="1"/></w:tblPr><w:tblGrid>
            """
        xml += String(repeating: "<w:gridCol w:w=\"\(width)\"/>", count: columns)
        xml += "</w:tblGrid>"
        for (number, row) in table.rows.enumerated() {
            xml += number == 0 ? "<w:tr><w:trPr><w:tblHeader/></w:trPr>" : "<w:tr>"
            for (cell, alignment) in zip(row, table.alignments) {
                let parts = number == 0 ? [Markdown.Inline.strong(cell)] : cell
                let side = Self.side(alignment).map { "<w:jc w:val=\"\($0)\"/>" } ?? ""
                xml += """
                    <w:tc><w:tcPr><w:tcW w:w="\(width)" w:type="dxa"/></w:tcPr>\
                    <w:p><w:pPr><w:spacing w:before="40" w:after="40"/>\(side)</w:pPr>\
                    \(runs(parts))</w:p></w:tc>
                    """
            }
            xml += "</w:tr>"
        }
        // Two tables beside each other would become one.
        content += xml + "</w:tbl><w:p/>"
    }

    private static func side(_ alignment: Markdown.Table.Alignment) -> String? {
        switch alignment {
        case .none, .left: nil
        case .center: "center"
        case .right: "right"
        }
    }

    private mutating func paragraph(_ name: String?, _ place: Place, _ runs: String) {
        var properties = name.map { "<w:pStyle w:val=\"\($0)\"/>" } ?? ""
        if let list = place.list {
            properties += """
                <w:numPr><w:ilvl w:val="\(list.level)"/><w:numId w:val="\(list.number)"/></w:numPr>
                """
        }
        // In twentieths of a point. Outside of quotes a list's own levels say where it stands.
        let quoted = place.quotes * 360
        if let list = place.list {
            let left = quoted + (list.level + 1) * 720
            if quoted > 0 { properties += "<w:ind w:left=\"\(left)\" w:hanging=\"360\"/>" }
        } else if quoted + place.indent > 0 {
            properties += "<w:ind w:left=\"\(quoted + place.indent * 720)\"/>"
        }
        content += "<w:p>"
        if !properties.isEmpty { content += "<w:pPr>\(properties)</w:pPr>" }
        content += runs + "</w:p>"
    }

    // MARK: Inlines

    private struct Look {
        var isBold = false
        var isItalic = false
        var isStruck = false
        var isLink = false

        func properties(isCode: Bool) -> String {
            var all = ""
            if isCode {
                all += "<w:rStyle w:val=\"CodeText\"/>"
            } else if isLink {
                all += "<w:rStyle w:val=\"Hyperlink\"/>"
            }
            if isBold { all += "<w:b/>" }
            if isItalic { all += "<w:i/>" }
            if isStruck { all += "<w:strike/>" }
            return all.isEmpty ? "" : "<w:rPr>\(all)</w:rPr>"
        }
    }

    private mutating func runs(_ parts: [Markdown.Inline], _ look: Look = Look()) -> String {
        var xml = ""
        for part in parts { xml += runs(part, look) }
        return xml
    }

    private mutating func runs(_ part: Markdown.Inline, _ look: Look) -> String {
        var inner = look
        switch part {
        case .text(let text): return Self.run(text, look)
        case .code(let text): return Self.run(text, look, isCode: true)
        case .softBreak: return Self.run(" ", look)
        case .lineBreak: return "<w:r><w:br/></w:r>"
        case .emphasis(let parts):
            inner.isItalic = true
            return runs(parts, inner)
        case .strong(let parts):
            inner.isBold = true
            return runs(parts, inner)
        case .strikethrough(let parts):
            inner.isStruck = true
            return runs(parts, inner)
        case .link(let url, let parts): return link(url, parts, look)
        case .image(let url, let description):
            return link(url, [.text(description.isEmpty ? url : description)], look)
        }
    }

    private mutating func link(
        _ url: String, _ parts: [Markdown.Inline], _ look: Look
    ) -> String {
        // A place in the document has no name in Word's; a link within a link is none.
        guard let safe = SafeURL.check(url), !safe.hasPrefix("#"), !look.isLink else {
            return runs(parts, look)
        }
        let number: Int
        if let known = linkNumbers[safe] {
            number = known
        } else {
            links.append(safe)
            number = links.count
            linkNumbers[safe] = number
        }
        var inner = look
        inner.isLink = true
        return "<w:hyperlink r:id=\"rId\(number)\">\(runs(parts, inner))</w:hyperlink>"
    }

    private static func run(_ text: String, _ look: Look, isCode: Bool = false) -> String {
        guard !text.isEmpty else { return "" }
        return "<w:r>\(look.properties(isCode: isCode))\(self.text(text))</w:r>"
    }

    private static func text(_ text: String) -> String {
        "<w:t xml:space=\"preserve\">\(Markup.escape(text))</w:t>"
    }
}
