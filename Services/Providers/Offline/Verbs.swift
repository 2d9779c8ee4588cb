/// The little grammar that cutting and measuring need.
enum Verbs {
    /// A word that is surely or very likely a finite verb.
    static func isFinite(_ token: Token) -> Bool {
        guard token.isWord else { return false }
        let key = token.key
        if finite.contains(key) || key.hasSuffix("n't") || key.hasSuffix("'s") && key.count < 6 {
            return true
        }
        return key.hasSuffix("ed") && key.utf8.count > 4
    }

    static let being: Set<String> = [
        "is", "are", "was", "were", "be", "been", "being", "get", "gets", "got",
    ]

    static func isParticiple(_ key: String) -> Bool {
        if participles.contains(key) { return true }
        return key.hasSuffix("ed") && key.utf8.count > 4 && !adjectives.contains(key)
    }

    /// Words that begin a clause which is no sentence by itself.
    static let conditions: Set<String> = [
        "if", "when", "while", "whenever", "once", "unless", "until", "after", "before", "since",
        "as", "where", "although", "though", "whether", "both", "between", "either", "neither",
        "because", "even",
    ]

    /// Words after which a verb belongs to another clause.
    static let relatives: Set<String> = ["that", "which", "who", "whose", "where", "whom", "and"]
    static let auxiliaries: Set<String> = [
        "is", "are", "was", "were", "has", "have", "had", "can", "will", "should", "must", "may",
        "might", "could", "would", "does", "do", "did", "cannot", "isn't", "aren't", "doesn't",
        "don't", "can't", "won't",
    ]

    private static let finite: Set<String> = [
        "is", "are", "was", "were", "am", "has", "have", "had", "can", "will", "should", "must",
        "may", "might", "could", "would", "shall", "does", "do", "did", "need", "needs", "mean",
        "means", "goes", "go", "went", "got", "get", "gets", "take", "takes", "took", "makes",
        "make", "made", "works", "work", "becomes", "became", "know", "knows", "knew", "want",
        "wants", "think", "thinks", "thought", "see", "sees", "saw", "keep", "keeps", "kept",
        "use", "uses", "say", "says", "said", "write", "writes", "wrote", "happens", "helps",
        "comes", "came", "gives", "gave", "found", "finds", "left", "lost", "costs", "runs", "ran",
    ]
    private static let participles: Set<String> = [
        "written", "made", "done", "given", "taken", "seen", "found", "kept", "sent", "held",
        "known", "shown", "built", "lost", "left", "read", "run", "set", "put", "told", "brought",
        "thought", "understood", "chosen", "broken", "driven", "begun", "drawn", "led", "paid",
        "sold", "spent", "felt", "said", "meant", "met", "won", "forgotten", "hidden", "thrown",
    ]
    private static let adjectives: Set<String> = [
        "needed", "interested", "tired", "based", "used", "supposed", "allowed", "indeed",
        "limited", "detailed", "complicated", "related", "involved", "concerned", "speed",
        "hundred",
    ]
}
