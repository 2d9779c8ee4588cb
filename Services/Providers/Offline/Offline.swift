/// The built-in provider that needs no key: it answers by rules, from the text of the prompt alone.
///
/// It is no model and says so. As a writer it makes mechanical edits to the document in the prompt,
/// as a reviewer it measures that document. The same prompt always gets the same answer.
public enum Offline {
    /// Answers a prompt as a model would: the revised document, a critique, or figures.
    public static func reply(
        system: String, messages: [(role: String, content: String)]
    ) -> String {
        guard let prompt = Prompt(system: system, messages: messages) else {
            return Chat.answer(messages.last { $0.role == "user" }?.content ?? "")
        }
        switch prompt.role {
        case .reviewer:
            return Critic(prompt: prompt).critique()
        case .writer where prompt.document.utf8.allSatisfy(Byte.isSpace):
            return Outline(prompt: prompt).text()
        case .writer:
            return Writer(round: prompt.round, critiques: prompt.critiques).revise(prompt.document)
        }
    }

    /// Cuts a reply in word-like pieces, for streaming it; joined, they are the reply exactly.
    public static func pieces(of text: String) -> [String] {
        var pieces: [String] = []
        let scalars = text.unicodeScalars
        var start = scalars.startIndex
        var count = 0
        var blankEnd = false
        for index in scalars.indices {
            let blank = scalars[index].properties.isWhitespace
            // A piece ends with its blanks; a run without any is cut at a length.
            if index != start, (blankEnd && !blank) || (count >= longestPiece && !blank) {
                pieces.append(String(scalars[start..<index]))
                start = index
                count = 0
            }
            blankEnd = blank
            count += 1
        }
        if start != scalars.endIndex { pieces.append(String(scalars[start...])) }
        return pieces
    }

    /// An estimate of the tokens in a text, at about four characters a token; no tokenizer is run.
    public static func tokens(in text: String) -> Int {
        (text.utf8.count + 3) / 4
    }

    /// Scalars after which a run without blanks is cut.
    private static let longestPiece = 24
}
