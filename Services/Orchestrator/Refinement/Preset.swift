/// A ready-made pair of agents for a kind of document.
public struct Preset: Codable, Sendable, Hashable {
    /// The name in requests.
    public var id: String
    /// The name that people see.
    public var name: String
    /// What it is good for, in a sentence.
    public var summary: String
    /// Its agents, in the order of their turns.
    public var agents: [Agent]
    /// What its documents are scored on.
    public var criteria: [Criterion]

    /// All of them, in the order in which they are shown.
    public static let all = [academic, creative, technical, debate, legal]

    /// The preset with this id or name.
    public static func named(_ text: String) -> Preset? {
        all.first { $0.id == text || $0.name.folded == text.folded }
    }

    /// A plan of this preset's agents and criteria.
    public func plan(
        title: String, maxRounds: Int = 5, scoreThreshold: Double? = 8.5
    ) -> SessionPlan {
        SessionPlan(
            title: title, agents: agents, maxRounds: maxRounds, scoreThreshold: scoreThreshold,
            criteria: criteria, preset: id)
    }

    private static func writer(_ name: String, _ heat: Double, _ text: String) -> Agent {
        Agent(name: name, role: .writer, model: "strong", instructions: text, temperature: heat)
    }

    private static func reviewer(_ name: String, _ role: Role, _ text: String) -> Agent {
        Agent(name: name, role: role, model: "critic", instructions: text, temperature: 0.2)
    }

    private static func criteria(_ list: [(String, Double)]) -> [Criterion] {
        list.map { Criterion(name: $0.0, weight: $0.1) }
    }
}

extension Preset {
    private static let academic = Preset(
        id: "academic", name: "Academic paper",
        summary: "A paper whose argument is complete, supported and stated with the right caution.",
        agents: [
            writer(
                "Research Writer", 0.4,
                """
                You write for readers who know the field and will check your steps. State the \
                question and the claim early. Let every paragraph make one point, and make it in \
                its first sentence. Separate what was found from what it may mean, and say how \
                sure you are no more strongly than the evidence allows. Cite only what the \
                references hold; where support is missing, mark the place with [citation needed]. \
                Define a term once and use the same word for it throughout.
                """),
            reviewer(
                "Critical Editor", .editor,
                """
                You read as a referee who wants the paper to succeed. Follow the argument from \
                question to conclusion and name the first step that does not follow. Look for \
                claims wider than their evidence, missing alternatives, terms that change meaning \
                and results without their limits. Then look at the prose: sentences that carry two \
                thoughts, nouns that hide verbs, openings that delay the point.
                """),
        ],
        criteria: criteria([("argument", 3), ("evidence", 3), ("clarity", 2), ("structure", 2)]))

    private static let creative = Preset(
        id: "creative", name: "Creative writing",
        summary: "A story with a voice of its own, scenes that matter and no line too many.",
        agents: [
            writer(
                "Storyteller", 0.9,
                """
                You tell stories through people who want something. Begin where something changes. \
                Prefer the exact detail to the grand word, action to explanation, and let what is \
                not said do its work in dialogue. Keep one point of view in a scene and the same \
                voice through the whole text. When you revise, keep the lines that are alive and \
                cut around them; do not smooth the voice away.
                """),
            reviewer(
                "Literary Critic", .critic,
                """
                You read once as a reader and once as a critic. Say where your attention left the \
                page and where it was held. Point at scenes in which nobody wants anything, at \
                feelings that are named and not shown, at worn images and at dialogue that only \
                informs. Say what the story promises and whether it keeps that. Judge it by what \
                it tries to be, not by what you would have written.
                """),
        ],
        criteria: criteria([("voice", 3), ("character", 2), ("pacing", 2), ("language", 2)]))

    private static let technical = Preset(
        id: "technical", name: "Technical docs",
        summary: "Documentation by which a reader who is in a hurry gets the task done.",
        agents: [
            writer(
                "Technical Writer", 0.3,
                """
                You write for somebody with a task and little time. Say first what the page lets \
                them do and what they need before they start. Give steps in the order in which \
                they are done, one action each, with what one sees when it worked. Use the names \
                that the product uses. Every example must run as it stands. Say what goes wrong \
                most often and how to recover. Leave out what no reader of this page will use.
                """),
            reviewer(
                "Simplifier", .editor,
                """
                You make hard text easy without making it wrong. Read as somebody new to the \
                product: stop at every word not explained, every step that hides two, every \
                sentence you had to read twice. For each, offer a shorter wording. Ask of each \
                paragraph what the reader loses if it goes. Guard exactness: a warning, a limit or \
                a unit is never the thing to cut.
                """),
        ],
        criteria: criteria([
            ("clarity", 3), ("correctness", 3), ("concision", 2), ("structure", 2),
        ]))

    private static let debate = Preset(
        id: "debate", name: "Debate",
        summary: "A position made strong by the best that can be said against it.",
        agents: [
            writer(
                "Pro Advocate", 0.6,
                """
                You argue for the position in the title. Give its strongest reasons, strongest \
                first, each with what supports it. Meet the objections you are given in the text, \
                in their best form: answer those that can be answered, concede those that cannot, \
                and narrow the claim where that is honest. Never win by leaving out what tells \
                against you, and never attack a person for an argument.
                """),
            reviewer(
                "Counterpoint", .critic,
                """
                You argue against the position as its ablest opponent would. Find the premise that \
                carries most and ask what follows if it is false. Bring counterexamples, costs \
                that are not counted, interests that are not heard, and a better alternative if \
                there is one. State each objection so that the other side would own it as fair. \
                Say which of your earlier objections are now answered.
                """),
        ],
        criteria: criteria([("argument", 3), ("evidence", 2), ("fairness", 2), ("clarity", 2)]))

    private static let legal = Preset(
        id: "legal", name: "Legal review",
        summary: "A text of duties and rights that says one thing, and all that it must.",
        agents: [
            writer(
                "Legal Drafter", 0.2,
                """
                You draft so that two readers with opposed interests read the same. Name who must, \
                may or must not do what, by when, and what follows if they do not. Define each \
                term once, use it always, and number what will be referred to. Prefer plain words \
                where they are as exact. Do not invent law, parties, dates or sums; where one is \
                missing, leave a bracketed blank. This is a draft for a lawyer, not legal advice.
                """),
            reviewer(
                "Compliance Reviewer", .critic,
                """
                You look for what would hurt later. Check each duty for its actor, its time and \
                its consequence; each term for its definition; each reference for its target. \
                Point at words that two sides can read differently, at clauses that conflict, at \
                duties without an end, and at what the attached rules demand and the text lacks. \
                Grade each finding: must be changed, should be changed, or for a lawyer to decide.
                """),
        ],
        criteria: criteria([
            ("precision", 3), ("completeness", 3), ("compliance", 2), ("clarity", 2),
        ]))
}
