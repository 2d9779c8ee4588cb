import CMarkGFM

extension Markdown {
    /// Deeper than this, what is nested stands beside what it was nested in.
    private static let deepest = 64

    /// Reads any text: there is no text that is no Markdown. HTML in it is text.
    public init(reading text: String) {
        cmark_gfm_core_extensions_ensure_registered()
        let parser = cmark_parser_new(CMARK_OPT_DEFAULT | CMARK_OPT_VALIDATE_UTF8)
        defer { cmark_parser_free(parser) }
        for name in ["table", "strikethrough", "autolink", "tasklist"] {
            guard let found = cmark_find_syntax_extension(name) else { continue }
            cmark_parser_attach_syntax_extension(parser, found)
        }
        var text = text
        text.withUTF8 { bytes in
            bytes.withMemoryRebound(to: CChar.self) { chars in
                cmark_parser_feed(parser, chars.baseAddress, chars.count)
            }
        }
        let root = cmark_parser_finish(parser)
        defer { cmark_node_free(root) }
        blocks = Reader(depth: 0).blocks(of: root)
    }

    /// Walks cmark's nodes, which live as long as their root.
    private struct Reader {
        let depth: Int

        private var deeper: Reader { Reader(depth: depth + 1) }

        func blocks(of node: OpaquePointer?) -> [Block] {
            children(of: node).flatMap(blocks(at:))
        }

        private func blocks(at node: OpaquePointer) -> [Block] {
            guard depth < Markdown.deepest else {
                let words = text(within: node)
                return words.isEmpty ? [] : [.paragraph([.text(words)])]
            }
            switch kind(of: node) {
            case "heading":
                return [.heading(level: Int(cmark_node_get_heading_level(node)), inlines(of: node))]
            case "paragraph": return [.paragraph(inlines(of: node))]
            case "block_quote": return [.quote(deeper.blocks(of: node))]
            case "list": return [.list(list(at: node))]
            case "code_block":
                let info = string(cmark_node_get_fence_info(node))
                let language = info.split(separator: " ").first.map(String.init) ?? ""
                return [.code(language: language, text: string(cmark_node_get_literal(node)))]
            case "html_block":
                return [.code(language: "html", text: string(cmark_node_get_literal(node)))]
            case "thematic_break": return [.rule]
            case "table": return [.table(table(at: node))]
            default: return deeper.blocks(of: node)
            }
        }

        private func list(at node: OpaquePointer) -> List {
            let isNumbered = cmark_node_get_list_type(node) == CMARK_ORDERED_LIST
            let items = children(of: node).map { item in
                let isTask = kind(of: item) == "tasklist"
                return Item(
                    isDone: isTask ? cmark_gfm_extensions_get_tasklist_item_checked(item) : nil,
                    blocks: deeper.blocks(of: item))
            }
            return List(
                start: isNumbered ? Int(cmark_node_get_list_start(node)) : nil, items: items)
        }

        private func table(at node: OpaquePointer) -> Table {
            let columns = Int(cmark_gfm_extensions_get_table_columns(node))
            let marks = cmark_gfm_extensions_get_table_alignments(node)
            let alignments = (0..<columns).map { column -> Table.Alignment in
                switch marks?[column] {
                case UInt8(ascii: "l"): .left
                case UInt8(ascii: "c"): .center
                case UInt8(ascii: "r"): .right
                default: .none
                }
            }
            let rows = children(of: node).map { row in
                var cells = children(of: row).prefix(columns).map { inlines(of: $0) }
                while cells.count < columns { cells.append([]) }
                return cells
            }
            return Table(alignments: alignments, rows: rows)
        }

        private func inlines(of node: OpaquePointer) -> [Inline] {
            children(of: node).flatMap(inlines(at:))
        }

        private func inlines(at node: OpaquePointer) -> [Inline] {
            guard depth < Markdown.deepest else { return [.text(text(within: node))] }
            switch kind(of: node) {
            case "text": return [.text(string(cmark_node_get_literal(node)))]
            case "softbreak": return [.softBreak]
            case "linebreak": return [.lineBreak]
            case "code": return [.code(string(cmark_node_get_literal(node)))]
            case "html_inline": return [.text(string(cmark_node_get_literal(node)))]
            case "emph": return [.emphasis(deeper.inlines(of: node))]
            case "strong": return [.strong(deeper.inlines(of: node))]
            case "strikethrough": return [.strikethrough(deeper.inlines(of: node))]
            case "link":
                return [.link(url: string(cmark_node_get_url(node)), deeper.inlines(of: node))]
            case "image":
                return [
                    .image(
                        url: string(cmark_node_get_url(node)),
                        description: deeper.inlines(of: node).plainText)
                ]
            default: return deeper.inlines(of: node)
            }
        }

        /// The words below a node, however deep, without going there by recursion.
        private func text(within node: OpaquePointer) -> String {
            let walk = cmark_iter_new(node)
            defer { cmark_iter_free(walk) }
            var words = ""
            while true {
                let event = cmark_iter_next(walk)
                guard event != CMARK_EVENT_DONE, event != CMARK_EVENT_NONE else { return words }
                guard event == CMARK_EVENT_ENTER, let here = cmark_iter_get_node(walk) else {
                    continue
                }
                switch kind(of: here) {
                case "text", "code", "code_block", "html_block", "html_inline":
                    words += string(cmark_node_get_literal(here))
                case "softbreak", "linebreak", "paragraph": words += words.isEmpty ? "" : " "
                default: break
                }
            }
        }

        private func children(of node: OpaquePointer?) -> [OpaquePointer] {
            var (found, next) = ([OpaquePointer](), cmark_node_first_child(node))
            while let child = next {
                found.append(child)
                next = cmark_node_next(child)
            }
            return found
        }

        private func kind(of node: OpaquePointer) -> String {
            string(cmark_node_get_type_string(node))
        }

        private func string(_ text: UnsafePointer<CChar>?) -> String {
            text.map { String(cString: $0) } ?? ""
        }
    }
}
