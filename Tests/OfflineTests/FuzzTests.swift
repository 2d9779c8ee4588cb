import Refinement
import Testing

@testable import Offline

@Suite struct FuzzTests {
    /// Shuffles fragments of Markdown and prose, the same ones every time.
    private struct Shuffle {
        var seed: UInt64

        static let fragments = [
            "the the ", "very ", "Basically, ", "in order to ", ", ", ". ", " .", "..", "?? ", "**",
            "`code  very`", "`", "[", "](", ")", "[a](b  c) ", "\"", "(", "<b>", "<", "\n", "\n\n",
            "\n- ", "\n# ", "\n> ", "\n```\n", "    ", "  \n", "\r\n", "| a | b |\n", "\n---\n",
            "we went on and we saw the pool, but it was full; the team had to wait for it ",
            "It is important to note that ", "a ", "an ", "apple ", "user ", "e.g. ", "3.5 ", "Ä ",
            "which means that ", "and they are ", "it seems that ", "a number of ", "!", "*",
            "_x_ ", "kind of ", ", really, ", "\u{201C}", "\u{201D}", "not ", "\\",
            "https://x.y/z ", "1. ",
        ]

        mutating func text(_ count: Int) -> String {
            var text = ""
            for _ in 0..<count {
                seed = seed &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
                text += Self.fragments[Int(seed >> 33) % Self.fragments.count]
            }
            return text
        }
    }

    @Test(
        "any mixture reaches a fixed point, keeps its code, and can be reviewed",
        arguments: 0..<12)
    func mixtures(batch: Int) {
        var shuffle = Shuffle(seed: UInt64(batch) &* 7919 &+ 1)
        for _ in 0..<40 {
            let text = shuffle.text(30)
            let (end, count) = Ask.rounds(text)
            #expect(count <= 6, "\(text.debugDescription)")
            #expect(Self.code(end) == Self.code(text), "\(text.debugDescription)")
            #expect(ScoreReader.read(Ask.review(text))?.tier == .json)
            #expect(Offline.pieces(of: text).joined() == text)
        }
    }

    private static func code(_ text: String) -> [String] {
        BlockReader.blocks(of: text).filter {
            if case .verbatim = $0.kind { true } else { false }
        }.map(\.source)
    }
}
