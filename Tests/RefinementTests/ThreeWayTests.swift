import Testing

@testable import Refinement

@Suite("Two hands on one text")
struct ThreeWayTests {
    private func merge(_ base: String, _ ours: String, _ theirs: String) -> ThreeWay {
        ThreeWay(base: base, ours: ours, theirs: theirs)
    }

    @Test("passages are cut at lines and sentences, and joined they are the text")
    func cutting() {
        #expect(
            Passages.cut("One. Two!  Three?\nFour 3.5 m\n\nFive.").map(String.init)
                == ["One. ", "Two!  ", "Three?\n", "Four 3.5 m\n", "\n", "Five."])
        #expect(
            Passages.cut("“Yes.” She left. End").map(String.init)
                == ["“Yes.” ", "She left. ", "End"])
        #expect(Passages.cut("你好。再见！完").map(String.init) == ["你好。", "再见！", "完"])
        for text in ["", "\n", "a", ". ", "a. ", "é. ü", "…. x", "a.\r\nb. c\r\n"] {
            #expect(Passages.cut(text).joined() == text)
        }
    }

    @Test("what one side changed is taken over, whichever it is")
    func oneSide() {
        let base = "One. Two. Three.\n"
        #expect(merge(base, base, "One. 2. Three.\n").text == "One. 2. Three.\n")
        #expect(merge(base, "One. 2. Three.\n", base).text == "One. 2. Three.\n")
        #expect(merge(base, "1. Two. Three.\n", "One. Two. 3.\n").text == "1. Two. 3.\n")
        #expect(
            merge(base, "One. Three.\n", "One. Two. Three.\nFour.\n").text == "One. Three.\nFour.\n"
        )
        #expect(merge("", "Mine.", "").text == "Mine.")
        #expect(merge(base, "", base).text == "")
    }

    @Test("changes next to each other are both made")
    func neighbours() {
        let merged = merge(
            "One. Two. Three. Four.", "One. II. Three. Four.", "One. Two. III. Four.")
        #expect(merged.text == "One. II. III. Four.")
        #expect(merged.conflicts.isEmpty)
        let added = merge("One. Three.", "One. Two. Three.", "1. Three.")
        #expect(added.text == "1. Two. Three.")
    }

    @Test("the same change on both sides is made once; half of a change is never made")
    func same() {
        let merged = merge("One. Two. Three goes.", "One. II. Three goes.", "One. II. Three went.")
        #expect(merged.text == "One. II. Three goes.")
        #expect(merged.conflicts.map(\.theirs) == ["II. Three went."])
        let apart = merge(
            "One. Two is. Three goes.", "One. Two was. Three goes.",
            "One. Two was. Three went.")
        #expect(apart.text == "One. Two was. Three went.")
        #expect(apart.conflicts.isEmpty)
    }

    @Test("where both changed a passage ours stays, and theirs is told with its place")
    func conflict() throws {
        let merged = merge(
            "Ä. Two. Three.\n", "Ä. Mine. Three.\n", "Ä. Theirs. Three.\nFour.\n")
        #expect(merged.text == "Ä. Mine. Three.\nFour.\n")
        let conflict = try #require(merged.conflicts.first)
        #expect(conflict.ours == "Mine. ")
        #expect(conflict.theirs == "Theirs. ")
        let place = Array(merged.text.utf8)[conflict.offset...].prefix(5)
        #expect(String(decoding: place, as: UTF8.self) == "Mine.")
        // Taken out by us and rewritten by them, it stays out; and the other way round it stays.
        #expect(merge("One. Two.", "Two.", "1. Two.").text == "Two.")
        #expect(merge("One. Two.", "1. Two.", "Two.").text == "1. Two.")
        // Two texts put at one place are a choice, too.
        #expect(merge("A. C.", "A. B. C.", "A. X. C.").conflicts.count == 1)
    }

    @Test("nothing that only one side wrote is ever lost")
    func nothingLost() {
        var seed: UInt64 = 42
        func random(_ below: Int) -> Int {
            seed = seed &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
            return Int(seed >> 33) % below
        }
        func change(_ text: [String], _ mark: String) -> [String] {
            var text = text
            for step in 0..<3 {
                let at = random(text.count)
                switch random(3) {
                case 0: text[at] = "\(mark)\(step) here. "
                case 1: text.insert("\(mark)\(step) new. ", at: at)
                default: text.remove(at: at)
                }
            }
            return text
        }
        for _ in 0..<400 {
            let base = (0..<12).map { "Sentence \($0). " }
            let (ours, theirs) = (change(base, "ours"), change(base, "theirs"))
            let merged = merge(base.joined(), ours.joined(), theirs.joined())
            for sentence in ours where sentence.hasPrefix("ours") {
                #expect(merged.text.contains(sentence))
            }
            let told = merged.text + merged.conflicts.map(\.theirs).joined()
            for sentence in theirs where sentence.hasPrefix("theirs") {
                #expect(told.contains(sentence))
            }
            let back = merge(base.joined(), ours.joined(), base.joined())
            #expect(back.text == ours.joined())
        }
    }
}

@Suite("Locked passages")
struct LockTests {
    private func enforce(_ locks: [String], _ before: String, _ after: String) -> String {
        Locks.enforce(locks, before: before, after: after).text
    }

    @Test("an answer that leaves them alone is taken as it is")
    func untouched() {
        let before = "# Title\n\nKeep this. Change that.\n"
        let after = "# Title\n\nNew. Keep this. Changed.\n"
        #expect(enforce(["Keep this."], before, after) == after)
        #expect(enforce(["not there"], before, after) == after)
        #expect(enforce([], before, "anything") == "anything")
    }

    @Test("a change of one is refused, and the others are made")
    func refused() {
        let before = "Keep this line. Change that.\n\nThe end.\n"
        let outcome = Locks.enforce(
            ["this line"], before: before, after: "Kept. Changed that.\n\nThe very end.\n")
        #expect(outcome.text.contains("Keep this line. "))
        #expect(outcome.text.contains("The very end."))
        #expect(outcome.refused.count == 1)
    }

    @Test(
        "whatever a model does, the passage stands there as often as before",
        arguments: [
            "", "Nothing of it.", "Keep. this.", "Keep this. Keep this.", "KEEP THIS. ",
            "A. B.\nKeep\u{A0}this.\n", "Keep this", "this. Keep", "B. A. Keep this.",
            "Keep this. Keep this. Keep this.\n\nKeep this.",
        ])
    func always(after: String) {
        let before = "A. Keep this. B.\n"
        let text = enforce(["Keep this."], before, after)
        #expect(Locks.count(of: "Keep this.", in: text) == 1, "\(text)")
        let across = enforce(["B.\n\nC."], "A. B.\n\nC. D.", after)
        #expect(Locks.count(of: "B.\n\nC.", in: across) == 1)
    }

    @Test("a passage may move with the text around it")
    func moved() {
        let after = "Last.\n\nKeep this.\n\nFirst.\n"
        #expect(enforce(["Keep this."], "First.\n\nKeep this.\n\nLast.\n", after) == after)
    }
}
