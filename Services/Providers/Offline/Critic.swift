/// The reviewer's turn: figures, notes that name sentences, and scores computed from the figures.
struct Critic {
    private let figures: Figures
    private let criteria: [(name: String, weight: Double)]

    private static let mostNotes = 8
    private static let longestQuote = 120

    init(prompt: Prompt) {
        figures = Figures(of: prompt.document)
        let standard = ["clarity", "concision", "correctness", "structure"]
        criteria = prompt.criteria.isEmpty ? standard.map { ($0, 1) } : prompt.criteria
    }

    func critique() -> String {
        let scores = criteria.map { (name: $0.name, score: score(for: $0.name)) }
        let weights = criteria.reduce(0) { $0 + $1.weight }
        let total = zip(criteria, scores).reduce(0) { $0 + $1.0.weight * $1.1.score } / weights
        let notes = notes()
        var text =
            "Review by the offline provider: computed from the text, not judged by a model.\n\n"
        text += "Figures\n\n" + lines().map { "- \($0)\n" }.joined()
        text += "\nNotes\n\n" + notes.map { "- \($0)\n" }.joined()
        let json = JSONText.object([
            ("score", JSONText.number(total)),
            ("criteria", JSONText.object(scores.map { ($0.name, JSONText.number($0.score)) })),
            ("notes", JSONText.array(notes.map(JSONText.string))),
        ])
        return text + "\n```json\n\(json)\n```\n"
    }

    // MARK: Scores

    private func score(for criterion: String) -> Double {
        let name = criterion.asciiLowercased
        for (stems, score) in Self.families where stems.contains(where: name.contains) {
            return Self.rounded(score(self))
        }
        // What cannot be measured gets the mean of what can.
        return Self.rounded((clarity + concision + correctness + structure) / 4)
    }

    private static let families: [(stems: [String], score: @Sendable (Critic) -> Double)] = [
        (["concis", "brev", "wordi", "econom", "length", "simpl"], { $0.concision }),
        (["clar", "clear", "readab", "underst", "plain", "language"], { $0.clarity }),
        (["correct", "gramm", "accura", "spell", "mechan", "complian"], { $0.correctness }),
        (["struct", "organi", "flow", "coher", "logic", "format", "pacing"], { $0.structure }),
        (["style", "tone", "voice", "engag", "prose"], { ($0.clarity + $0.concision) / 2 }),
    ]

    private var clarity: Double {
        guard figures.words > 0 else { return 0 }
        let long = Double(figures.longSentences.count) / Double(max(1, figures.sentences))
        let mean = max(0, figures.meanSentence - 16) * 0.2
        let ease = min(1.5, max(0, 55 - figures.readingEase) / 20)
        let passive = min(0.8, figures.per100(figures.passiveCount) * 0.15)
        let hedges = min(1.5, figures.per100(figures.hedges) * 1.5)
        return clamp(9.8 - min(5, long * 22) - min(2, mean) - ease - passive - hedges)
    }

    private var concision: Double {
        guard figures.words > 0 else { return 0 }
        return clamp(9.8 - min(8, figures.per100(figures.phraseCount) * 2.8))
    }

    private var correctness: Double {
        guard figures.words > 0 else { return 0 }
        return clamp(9.8 - min(7, figures.per100(figures.slipCount) * 9))
    }

    private var structure: Double {
        guard figures.words > 0 else { return 0 }
        var score = 9.4
        if figures.headings.isEmpty, figures.words > 250 { score -= 2 }
        let titles = figures.headings.filter { $0.level == 1 }
        if titles.count > 1 { score -= 0.5 }
        score -= min(1.5, Double(figures.skippedLevels) * 0.5)
        score -= min(2, 4 * Double(figures.longParagraphs) / Double(max(1, figures.paragraphs)))
        let long = Double(figures.longSentences.count) / Double(max(1, figures.sentences))
        return clamp(score - min(4, long * 14))
    }

    private func clamp(_ score: Double) -> Double { min(10, max(0, score)) }
    private static func rounded(_ score: Double) -> Double { (score * 10).rounded() / 10 }

    // MARK: Words

    private func lines() -> [String] {
        let tenth = JSONText.number
        var lines = [
            "\(figures.words) words in \(figures.sentences) sentences and "
                + "\(figures.paragraphs) paragraphs and list items",
            "Mean sentence: \(tenth(figures.meanSentence)) words; "
                + "\(figures.longSentences.count) of more than \(Splitter.longest)",
            "Flesch reading ease: \(tenth(figures.readingEase)) (60 is plain English)",
            "Fillers: \(figures.fillers); wordy phrases: \(figures.wordy); "
                + "hedges: \(figures.hedges); together "
                + "\(tenth(figures.per100(figures.phraseCount))) in 100 words",
            "Passive voice, estimated: \(figures.passiveCount)",
            "Slips such as doubled words, blanks and marks: \(figures.slipCount)",
            "Headings: \(figures.headings.count); levels passed over: \(figures.skippedLevels)",
        ]
        if let longest = figures.longest {
            lines.append("Longest sentence, \(longest.words) words: \(Self.quoted(longest.text))")
        }
        return lines
    }

    private func notes() -> [String] {
        guard figures.words > 0 else { return ["There is no text to review yet."] }
        var notes: [String] = []
        for slip in figures.slips.prefix(2) {
            notes.append("Mend the slip in \(Self.quoted(slip))")
        }
        for (entry, sentence) in figures.phrases.prefix(3) {
            let advice =
                entry.replacement.isEmpty
                ? "leave out '\(entry.name)'"
                : "write '\(entry.replacement.joined(separator: " "))' for '\(entry.name)'"
            notes.append("In \(Self.quoted(sentence)) \(advice).")
        }
        let long = figures.longSentences.sorted { $0.words > $1.words }
        for sentence in long.prefix(2) {
            notes.append(
                "Cut this sentence of \(sentence.words) words: \(Self.quoted(sentence.text))")
        }
        if let passive = figures.passives.first {
            notes.append("Say who acts, if it matters: \(Self.quoted(passive))")
        }
        if figures.headings.isEmpty, figures.words > 250 {
            notes.append("Give the text headings; it has none.")
        }
        if figures.longParagraphs > 0 {
            notes.append("Break up the paragraphs of more than 150 words.")
        }
        if figures.skippedLevels > 0 {
            notes.append("A heading passes over a level; let each be one below its parent.")
        }
        if notes.isEmpty {
            notes.append("Nothing left that rules can find; read it for substance.")
        }
        return Array(notes.prefix(Self.mostNotes))
    }

    /// The beginning of a sentence in curved quotes, which need no escapes in JSON.
    private static func quoted(_ text: String) -> String {
        let clean = text.filter { $0 != "\u{201C}" && $0 != "\u{201D}" }
        let cut = clean.count > longestQuote ? clean.prefix(longestQuote) + "…" : clean[...]
        return "\u{201C}\(cut)\u{201D}"
    }
}
