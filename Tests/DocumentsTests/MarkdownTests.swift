import Testing

@testable import Documents

@Suite("Markdown")
struct MarkdownTests {
    @Test("blocks and what stands in them are read as GitHub does")
    func blocks() {
        let text = """
            # One *two*

            - [x] done
            - [ ] open
              1. three
              2. four

            | a | b |
            |:--|--:|
            | 1 | ~~2~~ |

            > quoted `code`

            ```swift
            let x = 1
            ```

            ---
            ![alt](https://a.b/c.png) and https://auto.link
            """
        let document = Markdown(reading: text)
        guard case .heading(1, let title) = document.blocks[0],
            case .list(let tasks) = document.blocks[1],
            case .table(let table) = document.blocks[2],
            case .quote(let quoted) = document.blocks[3],
            case .paragraph(let last) = document.blocks[6]
        else {
            Issue.record("\(document)")
            return
        }
        #expect(title == [.text("One "), .emphasis([.text("two")])])
        #expect(tasks.start == nil)
        #expect(tasks.items.map(\.isDone) == [true, false])
        guard case .list(let inner) = tasks.items[1].blocks.last else {
            Issue.record("\(tasks)")
            return
        }
        #expect(inner.start == 1)
        #expect(table.alignments == [.left, .right])
        #expect(table.rows[1][1] == [.strikethrough([.text("2")])])
        #expect(quoted == [.paragraph([.text("quoted "), .code("code")])])
        #expect(document.blocks[4] == .code(language: "swift", text: "let x = 1\n"))
        #expect(document.blocks[5] == .rule)
        #expect(last.first == .image(url: "https://a.b/c.png", description: "alt"))
        #expect(last.last == .link(url: "https://auto.link", [.text("https://auto.link")]))
    }

    @Test("HTML is words, not markup")
    func html() {
        let document = Markdown(reading: "<script>alert(1)</script>\n\na <b>c</b>")
        #expect(document.blocks[0] == .code(language: "html", text: "<script>alert(1)</script>\n"))
        #expect(
            document.blocks[1]
                == .paragraph([.text("a "), .text("<b>"), .text("c"), .text("</b>")]))
    }

    @Test("what is nested without end keeps its words", arguments: [">", "- ", "*"])
    func deep(mark: String) {
        let text = String(repeating: mark, count: 20_000) + "core"
        let page = HTMLWriter().page(Markdown(reading: text), title: "t")
        #expect(page.contains("core"))
    }
}

@Suite("HTML")
struct HTMLWriterTests {
    private func body(_ text: String) -> String { HTMLWriter().body(Markdown(reading: text)) }

    @Test("a page says what the document says")
    func page() {
        #expect(body("# A\n\nb **c**") == "<h1>A</h1>\n<p>b <strong>c</strong></p>")
        #expect(body("3. x\n4. y").hasPrefix("<ol start=\"3\">"))
        #expect(body("| a |\n|:-:|\n| b |").contains("<td style=\"text-align:center\">b</td>"))
    }

    @Test(
        "what could run is shown instead",
        arguments: [
            "<script>x</script>", "[a](javascript:x)", "![a](data:text/html,x)",
            "[a](\"onclick=x)", "<img src=x onerror=y>", "[a](JaVaScRiPt&colon;x)",
            "[a](vbscript:x)", "`<b>`",
        ])
    func harmless(text: String) {
        let html = body(text)
        for tag in html.split(separator: "<").dropFirst() {
            let name = tag.prefix { $0.isLetter || $0 == "/" }
            #expect(["p", "/p", "pre", "/pre", "code", "/code", "a", "/a"].contains(String(name)))
        }
        #expect(!html.lowercased().contains("href=\"javascript"))
        #expect(!html.lowercased().contains("href=\"data"))
    }

    @Test("a letter begins with what the inbox shows")
    func letter() {
        let letter = HTMLWriter().letter(
            Markdown(reading: "text"), title: "<T>", preview: "A & B")
        #expect(letter.contains("<title>&lt;T&gt;</title>"))
        #expect(letter.contains("mso-hide:all\">A &amp; B</div>"))
    }

    @Test("a list in a quote stands within the quote, and outside of one where its level says")
    func quotedLists() {
        func body(_ text: String) -> String {
            var body = DocxBody(DocumentStyle())
            body.write(Markdown(reading: text))
            return body.xml
        }
        let quoted = body("> - one\n>   - two\n")
        #expect(quoted.contains("<w:ind w:left=\"1080\" w:hanging=\"360\"/>"))
        #expect(quoted.contains("<w:ind w:left=\"1800\" w:hanging=\"360\"/>"))
        #expect(!body("- one\n  - two\n    - three\n").contains("<w:ind"))
        #expect(body("- one\n\n  more\n").contains("<w:ind w:left=\"720\"/>"))
        #expect(body("> words\n").contains("<w:ind w:left=\"360\"/>"))
    }
}
