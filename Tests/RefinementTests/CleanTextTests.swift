import Testing

@testable import Refinement

@Suite struct CleanTextTests {
    private static let document = "# T\n\nSome text.\n\n```swift\nlet a = \"\\n\"\n```\n\nMore.\n"

    @Test(
        "plain text stays byte for byte",
        arguments: [
            document, "", "\n", "  x  \n\n", "a\r\nb", "Use `\\n` for a line end.",
            "A path such as C:\\new\\table is fine.", "{not json}", "{\"name\": \"a config\"}",
            "```swift\nlet a = 1\n```\n", "```\na\n```\ntext\n```\nb\n```\n",
            "Here is what we know:\n\n- one\n", "Sure enough, it broke.\n\nText",
            "\"Quoted,\" he said.",
            "He said: \"a\\nb\" twice", "# Here is the document\n", "Text with ``` inside\n",
            "Here is the revised document:", "<<<DOCUMENT x>>>\nabc\n",
            "---\ntitle: x\n---\nBody\n",
            "[link](a) {\"output\": \"x\"} end",
            // A letter of its own may end with such words, and begin with such a sentence.
            "# Offer\n\nDear Ada\n\nLet me know if you agree.\n",
            "Here is the document I promised.\n\nText",
            "Use <document> and </document> around it.", "<document>\nnever closed\n",
            "<table>\n<tr></tr>\n</table>\n", "<output>a</output> is a tag, <b>b</b> another\n",
            "<think>\nnever closed\n", "A line.\nuse </think> here\n", "<think>only this</think>",
            "Text\n\n---\n\nMore text.\n", "{\"output\": 5}", "```python\nprint(1)\n```\nDone.\n",
        ])
    func plain(text: String) {
        #expect(Array(CleanText.clean(text).utf8) == Array(text.utf8))
    }

    @Test(
        "the document comes out of what it was wrapped in",
        arguments: [
            ("{\"output\": \"# T\\n\\nText \\u00e9 \\\"q\\\"\"}", "# T\n\nText é \"q\""),
            ("{\"document\": \"a\", \"notes\": []}", "a"), ("{\"text\": \"a\"}", "a"),
            ("{\"content\": \"a\"}", "a"), ("{\"result\": {\"text\": \"a\"}}", "a"),
            ("{\"output\": \"a\nb\",}", "a\nb"), ("{\"output\": \"cut of", "cut of"),
            ("```json\n{\"output\": \"a\"}\n```", "a"),
            ("Here is the JSON output:\n```json\n{\"output\": \"a\"}\n```\n", "a"),
            ("```markdown\n# T\n\nText\n```", "# T\n\nText\n"), ("```\n# T\n```\n", "# T\n"),
            ("~~~md\n# T\n~~~", "# T\n"), ("````markdown\n```\na\n```\n````", "```\na\n```\n"),
            (
                "```markdown\n# T\n\n```swift\nlet a = 1\n```\n\nMore\n```",
                "# T\n\n```swift\nlet a = 1\n```\n\nMore\n"
            ),
            ("```markdown\n# T\n\n```\ncode\n```\n\nMore\n```", "# T\n\n```\ncode\n```\n\nMore\n"),
            ("Here is the revised document:\n\n# T\n\nText\n", "# T\n\nText\n"),
            (
                "Sure! Here's the updated version:\n\n```markdown\n# T\n```\n\nI hope it fits!",
                "# T\n"
            ),
            ("**Revised document:**\n# T", "# T"),
            ("\"# T\\n\\nText \\u00e9\"", "# T\n\nText é"),
            ("# T\\n\\nText \\\"q\\\"\\n", "# T\n\nText \"q\"\n"),
            ("\"emoji \\ud83d\\ude80 here\"", "emoji \u{1F680} here"),
            ("<<<DOCUMENT 0a1b2c3d>>>\n# T\n<<<END DOCUMENT 0a1b2c3d>>>", "# T"),
            // Thoughts said aloud.
            ("<think>\nHm, let me see.\n</think>\n\n# T\n\nText\n", "# T\n\nText\n"),
            ("<thinking>a</thinking># T\n", "# T\n"), ("So, well.\n</think>\n\n# T\n", "# T\n"),
            ("<think>a</think>\nHere is the revised document:\n\n```markdown\n# T\n```", "# T\n"),
            ("<think>x</think>\n{\"output\": \"a\"}", "a"),
            // Tags.
            ("<document>\n# T\n\nText\n</document>", "# T\n\nText\n"),
            ("<revised_document># T</revised_document>\n", "# T"),
            (
                "Here is the revised document:\n\n<document>\n# T\n</document>\n\nLet me know!",
                "# T\n"
            ),
            ("<output>\n<document>\na\n</document>\n</output>", "a\n"),
            ("<output><![CDATA[a < b]]></output>", "a < b"),
            ("<document>\nwrite </document> last\n</document>", "write </document> last\n"),
            (
                "```xml\n<document>\n# T\n</document>\n```",
                "```xml\n<document>\n# T\n</document>\n```"
            ),
            // Preambles without a colon, and rules around the document.
            ("Here is the revised document.\n\n# T\n\nText\n", "# T\n\nText\n"),
            ("Certainly! Below is the improved draft.\n\n---\n\nText\n", "Text\n"),
            (
                "Here is the final version:\n\n---\ntitle: x\n---\nBody\n",
                "---\ntitle: x\n---\nBody\n"
            ),
            (
                "Here\u{2019}s the revised document:\n\n---\n\n# T\n\nText\n\n---\n\n"
                    + "Let me know if you\u{2019}d like any changes!", "# T\n\nText\n"
            ),
            ("Here is the revised text:\n\nText\n\nI hope this helps.\n", "Text\n"),
            ("Of course. Here is the edited article:\n\nA.\n\nFeel free to ask.", "A.\n"),
            // Remarks behind a fence, fences in fences.
            ("```\n# T\n```\n\n**Changes made:**\n- shorter", "# T\n"),
            ("~~~markdown\n# T\n\n```sh\nls\n```\n~~~\n", "# T\n\n```sh\nls\n```\n"),
            ("````\n```markdown\n# T\n```\n````", "```markdown\n# T\n```\n"),
            (
                "```json\n{\"revised_document\": \"# T\\n\\n```\\nx\\n```\"}\n```",
                "# T\n\n```\nx\n```"
            ),
            ("{\"result\": {\"document\": \"<document>a</document>\"}}", "a"),
            ("Here:\n<<<DOCUMENT 0a1b2c3d>>>\n# T\n\n<<<END DOCUMENT 0a1b2c3d>>>\nBye", "# T\n"),
        ])
    func wrapped(answer: String, expected: String) {
        #expect(CleanText.clean(answer) == expected)
    }

    @Test("any wrapping of a document gives the document back")
    func roundTrip() {
        let escaped = Self.document.replacing("\\", with: "\\\\").replacing("\"", with: "\\\"")
            .replacing("\n", with: "\\n")
        let wrappings = [
            "{\"output\": \"\(escaped)\"}", "\"\(escaped)\"", escaped,
            "````markdown\n\(Self.document)````", "```markdown\n\(Self.document)```",
            "Here is the final text:\n\n\(Self.document)",
            Mark(notIn: [Self.document]).part("DOCUMENT", Self.document),
            "<document>\n\(Self.document)</document>\n", "<output>\(Self.document)</output>",
            "<think>\nIs it good?\n</think>\n\(Self.document)",
            "Here is the revised document:\n\n---\n\n\(Self.document)\n---\n\nLet me know!",
        ]
        for wrapping in wrappings {
            #expect(CleanText.clean(wrapping) == Self.document)
        }
    }

    @Test("cleaning twice changes no more, and hostile input ends")
    func stable() {
        let inputs = [
            String(repeating: "```\n", count: 5000), String(repeating: "{\"output\":", count: 5000),
            String(repeating: "<<<DOCUMENT 0a1b2c3d>>>\n", count: 300), "\"\\u12\"", "\"\\x\"",
            String(repeating: "</think>", count: 5_000),
            String(repeating: "<document>", count: 5_000),
            String(repeating: "</document>", count: 5_000) + "<document>",
        ]
        for input in inputs {
            let once = CleanText.clean(input)
            #expect(CleanText.clean(once) == once)
        }
    }
}
