import Testing
import TextDiff

@Suite struct DiffTests {
    private static let pairs: [(String, String)] = [
        ("", ""), ("a", "a"), ("", "a\n"), ("a\n", ""), ("a\nb\nc\n", "a\nx\nc\n"),
        ("a\nb\nc\na\nb\nb\na\n", "c\nb\na\nb\na\nc\n"), ("a\nb", "a\nb\n"), ("x", "y"),
        ("one two three", "one 2 three four"), ("\n\n\n", "\n"), ("a\r\nb\r\n", "a\nb\n"),
        ("e\u{301}", "é"), ("日本語 テキスト", "日本 テキスト。"), ("a b  c", "a  b c"),
    ]

    @Test("the pieces make both texts, by lines and by words", arguments: pairs)
    func rebuilds(old: String, new: String) {
        for diff in [Diff.lines(old, new), Diff.words(old, new)] {
            let before = diff.pieces.filter { $0.kind != .added }.map(\.text).joined()
            let after = diff.pieces.filter { $0.kind != .removed }.map(\.text).joined()
            #expect(Array(before.utf8) == Array(old.utf8))
            #expect(Array(after.utf8) == Array(new.utf8))
            #expect(diff.isEmpty == (Array(old.utf8) == Array(new.utf8)))
        }
    }

    @Test(
        "random texts rebuild too, and no shorter script exists than the one by dynamic programming"
    )
    func shortest() {
        var seed: UInt64 = 42
        func next(_ bound: Int) -> Int {
            seed = seed &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
            return Int(seed >> 33) % bound
        }
        for _ in 0..<200 {
            let old = (0..<next(14)).map { _ in "\(next(4))\n" }
            let new = (0..<next(14)).map { _ in "\(next(4))\n" }
            let diff = Diff.lines(old.joined(), new.joined())
            #expect(diff.pieces.filter { $0.kind != .added }.map(\.text) == old)
            #expect(diff.pieces.filter { $0.kind != .removed }.map(\.text) == new)
            var common = Array(
                repeating: Array(repeating: 0, count: new.count + 1), count: old.count + 1)
            for i in old.indices.reversed() {
                for j in new.indices.reversed() {
                    common[i][j] =
                        old[i] == new[j]
                        ? common[i + 1][j + 1] + 1 : max(common[i + 1][j], common[i][j + 1])
                }
            }
            #expect(diff.pieces.count { $0.kind == .same } == common[0][0])
        }
    }

    @Test("words are marked, not whole lines")
    func words() {
        let diff = Diff.words("It is very good.", "It is good now.")
        #expect(
            diff.pieces == [
                .init(.same, "It is "), .init(.removed, "very "), .init(.same, "good"),
                .init(.added, " now"), .init(.same, "."),
            ])
    }

    @Test("the unified form is what patch reads")
    func unified() {
        let old = (1...20).map { "\($0)\n" }.joined()
        let new = old.replacing("\n3\n", with: "\nthree\n").replacing("18\n", with: "") + "end"
        let text = Diff.lines(old, new).unified(from: "a/x.md", to: "b/x.md", context: 1)
        #expect(
            text == """
                --- a/x.md
                +++ b/x.md
                @@ -2,3 +2,3 @@
                 2
                -3
                +three
                 4
                @@ -17,4 +17,4 @@
                 17
                -18
                 19
                 20
                +end
                \\ No newline at end of file

                """)
        #expect(Diff.lines(old, old).unified(from: "a", to: "b") == "")
        #expect(
            Diff.lines("", "a\n").unified(from: "a", to: "b")
                == "--- a\n+++ b\n@@ -0,0 +1 @@\n+a\n")
    }

    @Test("beyond its limits the diff is coarse, and still right")
    func coarse() {
        let old = "same\n" + (0..<400).map { "a\($0)\n" }.joined() + "end\n"
        let new = "same\n" + (0..<400).map { "b\($0)\n" }.joined() + "end\n"
        for limit in [
            Diff.Limit(elements: 100, edits: 1000), Diff.Limit(elements: 10_000, edits: 50),
        ] {
            let diff = Diff.lines(old, new, limit: limit)
            #expect(diff.isCoarse)
            #expect(diff.pieces.first == .init(.same, "same\n"))
            #expect(diff.pieces.last == .init(.same, "end\n"))
            #expect(diff.pieces.filter { $0.kind != .removed }.map(\.text).joined() == new)
        }
        #expect(!Diff.lines(old, new).isCoarse)
    }

    @Test("shown texts that differ more than a script may be are cut at what both have once")
    func anchored() {
        let old = (0..<900).map { "line \($0) of the old text\n" }.joined()
        let new = (0..<900).map { "line \($0) of the new text, changed\n" }.joined()
        var limit = Diff.Limit.shown
        limit.edits = 100
        let diff = Diff.words(old, new, limit: limit)
        #expect(diff.words(.removed) == 900 && diff.words(.added) == 2_700)
        #expect(diff.pieces.filter { $0.kind != .removed }.map(\.text).joined() == new)
        #expect(!diff.isCoarse)
    }

    @Test("texts made to be hard to compare take bounded work, and their diff still rebuilds them")
    func hostile() {
        let many = 10_000
        let turns = String(repeating: "a b ", count: many)
        let hard: [(String, String)] = [
            // Every diagonal runs far.
            (
                String(repeating: "x ", count: many) + "1 2 3",
                "4 5 6 " + String(repeating: "x ", count: many)
            ),
            (turns, String(turns.reversed())),
            // Nothing in common, all of it unique.
            ((0..<many).map { "p\($0) " }.joined(), (0..<many).map { "q\($0) " }.joined()),
            // Every second one changed, so that runs are as many as words.
            (
                (0..<many).map { "w\($0) o" }.joined(separator: " "),
                (0..<many).map { "w\($0) n" }.joined(separator: " ")
            ),
            // More elements than are compared.
            (String(repeating: "!?", count: many), String(repeating: "?!.", count: many)),
        ]
        var limit = Diff.Limit.shown
        (limit.elements, limit.comparisons, limit.runs) = (50_000, 300_000, 1_000)
        for (old, new) in hard {
            let diff = Diff.words(old, new, limit: limit)
            #expect(diff.pieces.filter { $0.kind != .added }.map(\.text).joined() == old)
            #expect(diff.pieces.filter { $0.kind != .removed }.map(\.text).joined() == new)
            #expect(diff.pieces.count <= 1_000)
        }
    }

    @Test("changes are marked in running text")
    func marked() {
        let diff = Diff.words("It is very good.", "It is good now.")
        #expect(diff.marked == "It is [-very -]good{+ now+}.")
        #expect(Diff.words("", "").marked == "")
    }
}
