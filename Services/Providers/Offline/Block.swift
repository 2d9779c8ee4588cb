/// A stretch of a Markdown text. The blocks of a text, joined, are the text exactly.
struct Block {
    enum Kind {
        /// Running text, the only kind besides `item` whose words are edited.
        case paragraph
        /// The text of a list item, without its marker.
        case item
        case heading(level: Int)
        case blank
        /// Code, tables, quotations, front matter, HTML, definitions: never touched.
        case verbatim
    }

    var kind: Kind
    /// What stands before the text on its first line: indent, list marker, check box.
    var lead: String
    var text: String
    /// The line end after the text.
    var tail: String

    var source: String { lead + text + tail }

    var isProse: Bool {
        switch kind {
        case .paragraph, .item: true
        case .heading, .blank, .verbatim: false
        }
    }
}

/// Cuts a Markdown text into blocks, line by line. Where a line could be structure it is taken as
/// structure, since the cost of a mistake is then only a sentence not edited.
struct BlockReader {
    private var blocks: [Block] = []
    private var open: (kind: Block.Kind, lead: String, lines: [String])?
    private var verbatim: [String] = []
    private var ending: ((Line) -> Bool)?
    /// Whether the ending is a line before the verbatim part's end (a blank one), or its last.
    private var endsBefore = false
    /// The column of the outermost list item's text, while in a list.
    private var listColumn: Int?
    private var afterBlank = true

    static func blocks(of text: String) -> [Block] {
        var reader = BlockReader()
        let lines = Line.all(in: text)
        var start = 0
        if let end = frontMatterEnd(lines) {
            reader.verbatim = lines[...end].map(\.source)
            reader.closeVerbatim()
            start = end + 1
        }
        for index in start..<max(start, lines.count) {
            reader.take(lines[index], next: index + 1 < lines.count ? lines[index + 1] : nil)
        }
        reader.closeVerbatim()
        reader.closeProse()
        return reader.blocks
    }

    private static func frontMatterEnd(_ lines: [Line]) -> Int? {
        guard lines.first?.content == "---" else { return nil }
        return lines.prefix(200).dropFirst().firstIndex {
            $0.indent == 0 && ($0.content == "---" || $0.content == "...")
        }
    }

    private mutating func take(_ line: Line, next: Line?) {
        if let ending {
            let ends = ending(line)
            if !ends || !endsBefore { verbatim.append(line.source) }
            if ends { closeVerbatim() }
            if !ends || !endsBefore { return }
        }
        if line.isBlank {
            closeProse()
            blocks.append(Block(kind: .blank, lead: "", text: line.body, tail: line.end))
            afterBlank = true
            return
        }
        defer { afterBlank = false }
        if takeStructure(line, next: next) { return }
        if let marker = line.listMarker {
            closeProse()
            if listColumn == nil || line.indent == 0 { listColumn = marker }
            takeItem(line, marker: marker)
            return
        }
        if afterBlank, line.indent == 0 { listColumn = nil }
        takeText(line)
    }

    /// Takes a line that is structure by itself or begins some; false when it is running text.
    private mutating func takeStructure(_ line: Line, next: Line?) -> Bool {
        if afterBlank, line.indent >= (listColumn ?? 0) + 4 {
            keep(line)
        } else if let fence = line.fence {
            keep(line, until: { $0.closes(fence) }, before: false)
        } else if let level = line.headingLevel {
            keep(line, as: .heading(level: level))
        } else if let level = line.underlineLevel, var paragraph = open, listColumn == nil {
            paragraph.kind = .heading(level: level)
            paragraph.lines.append(line.source)
            open = paragraph
            closeProse()
        } else if line.isRule || line.isDefinition {
            keep(line)
        } else if line.content == "$$" {
            keep(line, until: { $0.content.hasSuffix("$$") }, before: false)
        } else if line.opensVerbatim || (next?.isTableRule ?? false) && line.content.contains("|") {
            keep(line, until: \.isBlank, before: true)
        } else {
            return false
        }
        return true
    }

    private mutating func takeItem(_ line: Line, marker: Int) {
        let rest = Line(body: String(line.body.dropFirst(marker)), end: line.end)
        if let fence = rest.fence {
            keep(line, until: { $0.closes(fence) }, before: false)
        } else if rest.isBlank || rest.opensVerbatim || rest.headingLevel != nil {
            keep(line)
        } else {
            open = (.item, String(line.body.prefix(marker)), [rest.body + line.end])
        }
    }

    private mutating func takeText(_ line: Line) {
        if open != nil {
            open?.lines.append(line.source)
        } else {
            let lead = line.body.prefix { $0 == " " || $0 == "\t" }
            open = (.paragraph, String(lead), [String(line.source.dropFirst(lead.count))])
        }
    }

    private mutating func keep(_ line: Line, as kind: Block.Kind = .verbatim) {
        closeProse()
        blocks.append(Block(kind: kind, lead: "", text: line.body, tail: line.end))
    }

    private mutating func keep(
        _ line: Line, until ending: @escaping (Line) -> Bool, before: Bool
    ) {
        closeProse()
        verbatim = [line.source]
        (self.ending, endsBefore) = (ending, before)
    }

    private mutating func closeVerbatim() {
        ending = nil
        guard !verbatim.isEmpty else { return }
        blocks.append(Block(kind: .verbatim, lead: "", text: verbatim.joined(), tail: ""))
        verbatim = []
    }

    private mutating func closeProse() {
        guard let (kind, lead, lines) = open else { return }
        open = nil
        let source = Array(lines.joined().utf8)
        let end = (source.lastIndex { $0 != Byte.newline && $0 != 13 } ?? -1) + 1
        blocks.append(
            Block(
                kind: kind, lead: lead, text: Byte.string(source[..<end]),
                tail: Byte.string(source[end...])))
    }
}
