import Wire

/// What becomes of a session in the stack: each has its template, and ends the same way each time.
enum Tale: String, CaseIterable, Sendable {
    /// Rounds of a writer and two reviewers side by side.
    case plain
    /// A gate that is approved.
    case gated
    /// A gate that is turned down, which has the writer write again, and then approved.
    case revised
    case cancelled
    case cancelledAtGate
    /// Paused in the middle of a turn, and resumed.
    case paused
    /// A person writes a line into it in the middle of a turn.
    case edited
    /// Forked from its last turn, after its end.
    case forked
    /// Fails for good, is retried, and fails again.
    case retried
    /// A gate whose time runs out: the only one that takes long, by a timer of 36 seconds.
    case expired

    /// Those that are watched step by step.
    static let quick: [Tale] = allCases.filter { $0 != .expired }

    var template: Template {
        switch self {
        case .plain, .cancelled, .paused, .edited, .forked: .rounds
        case .gated, .revised, .cancelledAtGate: .gate
        case .retried: .failing
        case .expired: .timed
        }
    }

    /// States in which it may end. A cancel that comes too late is refused, and then it completes.
    var ends: Set<String> {
        switch self {
        case .cancelled: ["cancelled", "completed"]
        case .cancelledAtGate: ["cancelled"]
        case .retried: ["failed"]
        default: ["completed"]
        }
    }

    enum Template: String, CaseIterable, Sendable {
        case rounds, gate, failing, timed

        var json: WireValue {
            [
                "format": "atelier.template", "version": 1, "studio": "write",
                "name": .text("Crash \(rawValue)"), "agents": .array(agents),
                "criteria": [
                    ["name": "clarity", "weight": 3], ["name": "concision", "weight": 1],
                ],
                "steps": .array(steps),
            ]
        }

        private var agents: [WireValue] {
            let writer = Self.agent("Writer", "writer")
            return switch self {
            case .rounds: [writer, Self.agent("Critic", "critic"), Self.agent("Editor", "editor")]
            case .gate, .timed: [writer, Self.agent("Critic", "critic")]
            case .failing:
                [
                    writer,
                    [
                        "name": "Critic", "role": "critic", "provider": "openai",
                        "model": "quota",
                    ],
                ]
            }
        }

        private static func agent(_ name: String, _ role: String) -> WireValue {
            ["name": .text(name), "role": .text(role), "provider": "offline"]
        }

        private var steps: [WireValue] {
            let turns: [WireValue] = [["turn": "Writer"], ["turn": "Critic"]]
            return switch self {
            case .rounds:
                [
                    [
                        "loop": [
                            "max": 2, "until": ["score": 10],
                            "steps": [
                                ["turn": "Writer"],
                                ["parallel": ["Critic", "Editor"], "merge": "notes"],
                            ],
                        ]
                    ]
                ]
            case .gate:
                turns + [
                    ["gate": ["name": "final", "prompt": "Is it good?", "on_reject": "revise"]]
                ]
            case .timed:
                turns + [
                    [
                        "gate": [
                            "name": "final", "prompt": "Is it good?", "on_reject": "revise",
                            "hours": 0.01,
                        ]
                    ]
                ]
            case .failing: turns
            }
        }
    }

    /// What a person writes.
    static let line = "The owner of this page is Ada."

    /// What is wrong with its document; `calm` is the one of calm times.
    func wrong(_ document: String, _ seen: Session.Seen, calm: String?) -> String? {
        // When an edit is heard is up to the machine; that it is heard once is not. Who saw no word of
        // a turn has made none.
        if self == .edited {
            let count = document.ranges(of: Self.line).count
            return count == (seen.moments.contains("edited") ? 1 : 0)
                ? nil : "the person's line is there \(count) times"
        }
        return document == calm ? nil : "the document differs: \(document.prefix(300))"
    }

    static let draft = """
        # The handover

        It is important to note that the the handover was written in order to help new people. \
        Due to the fact that it basically covers everything , it is very long.

        - It should be noted that each step has a owner.

        At this point in time the team is in the process of making a change to the tool.

        """
}
