/// The answer to a prompt that asks for neither writing nor review.
enum Chat {
    static func answer(_ message: String) -> String {
        let figures = Figures(of: message)
        var text = """
            This is the built-in offline provider. No model stands behind it, so it cannot answer \
            a question; it edits and measures documents by rules.


            """
        guard figures.words > 0 else {
            return text + "The message has no words to count.\n"
        }
        text += """
            Your message has \(figures.words) words in \(figures.sentences) sentences, \
            \(JSONText.number(figures.meanSentence)) words each on average, and a Flesch reading \
            ease of \(JSONText.number(figures.readingEase)). By the provider's tables it holds \
            \(figures.phraseCount) phrases that could be shorter and \(figures.slipCount) slips.


            """
        return text + "Set up a key for a provider to get answers from a model.\n"
    }
}

/// The writer's answer when there is no draft yet: headings to fill, and what the references hold.
struct Outline {
    let prompt: Prompt

    private static let mostPoints = 5

    func text() -> String {
        let title = prompt.title.isEmpty ? "Untitled document" : prompt.title
        var text = """
            # \(title)

            This outline was made by the built-in offline provider, which edits text and invents \
            none. Write the draft below, and the next round will work on it.

            ## Purpose

            Say who reads this document and what they can do once they have read it.

            """
        for reference in prompt.references {
            text += "\n## From \(reference.name.isEmpty ? "a reference" : reference.name)\n\n"
            let points = Self.points(of: reference.text)
            text += points.isEmpty ? "The reference holds no prose.\n" : points.joined()
        }
        return text + "\n## Next steps\n\nName each step, who takes it, and by when.\n"
    }

    /// The first sentence of each of the first paragraphs.
    private static func points(of text: String) -> [String] {
        var points: [String] = []
        for block in BlockReader.blocks(of: text) where block.isProse {
            guard points.count < mostPoints else { break }
            let tokens = Tokenizer.tokens(of: block.text)
            guard let first = Sentences.ranges(in: tokens).first else { continue }
            points.append(
                "- " + tokens[first].map { $0.isSpace ? " " : $0.text }.joined().trimmed + "\n")
        }
        return points
    }
}
