extension Orchestrator {
    /// A run as every studio shows it.
    public struct Run: Codable, Sendable, Equatable {
        public var id: String
        public var user: String
        public var studio: String
        public var title: String
        /// `queued`, `running`, `waiting`, `paused`, `completed`, `failed`, `cancelled` or
        /// `needs_attention`.
        public var state: String
        /// From 0 to 1.
        public var progress: Double
        public var currentStep: String?
        public var error: String?
        public var stopReason: String?
        /// Wall milliseconds, as are the next two.
        public var createdAt: Int64
        public var startedAt: Int64?
        public var endedAt: Int64?
        /// Thousandths of a credit.
        public var cost: Int64
        /// The newest event's number.
        public var lastSeq: Int64
        /// The gate that a waiting run waits at.
        public var waitingFor: String?
        /// The run that this one shares its beginning with, and the step where they part.
        public var forkedFrom: String?
        public var forkedAt: String?
        /// What it may cost at most, in thousandths of a credit.
        public var spendLimit: Int64?
        /// How long it may take from its start.
        public var seconds: Int?
        /// Whose members see it; nil for its user alone.
        public var workspace: String?
        /// The user's own name for what it belongs to; nil for nothing.
        public var project: String?

        public init(
            id: String, user: String, studio: String, title: String, state: String,
            progress: Double, currentStep: String?, error: String?, stopReason: String?,
            createdAt: Int64, startedAt: Int64?, endedAt: Int64?, cost: Int64, lastSeq: Int64,
            waitingFor: String? = nil, forkedFrom: String? = nil, forkedAt: String? = nil,
            spendLimit: Int64? = nil, seconds: Int? = nil, workspace: String? = nil,
            project: String? = nil
        ) {
            (self.id, self.user, self.studio, self.title) = (id, user, studio, title)
            (self.state, self.progress, self.currentStep) = (state, progress, currentStep)
            (self.error, self.stopReason) = (error, stopReason)
            (self.createdAt, self.startedAt, self.endedAt) = (createdAt, startedAt, endedAt)
            (self.cost, self.lastSeq, self.waitingFor) = (cost, lastSeq, waitingFor)
            (self.forkedFrom, self.forkedAt) = (forkedFrom, forkedAt)
            (self.spendLimit, self.seconds) = (spendLimit, seconds)
            (self.workspace, self.project) = (workspace, project)
        }
    }

    public struct RunPage: Codable, Sendable, Equatable {
        public var runs: [Run]
        public var next: String?

        public init(runs: [Run], next: String?) { (self.runs, self.next) = (runs, next) }
    }

    public struct Event: Codable, Sendable, Equatable {
        /// From 1, without a gap.
        public var seq: Int64
        public var type: String
        /// Wall milliseconds.
        public var at: Int64
        public var step: String?
        /// JSON text.
        public var data: String

        public init(seq: Int64, type: String, at: Int64, step: String?, data: String) {
            (self.seq, self.type, self.at) = (seq, type, at)
            (self.step, self.data) = (step, data)
        }
    }

    public struct EventPage: Codable, Sendable, Equatable {
        public var events: [Event]

        public init(events: [Event]) { self.events = events }
    }

    /// How far a watcher has read the text of one step.
    public struct TextMark: Codable, Sendable, Equatable {
        public var step: String
        public var attempt: Int
        /// In UTF-8 bytes.
        public var offset: Int

        public init(step: String, attempt: Int, offset: Int) {
            (self.step, self.attempt, self.offset) = (step, attempt, offset)
        }
    }

    /// A piece of the text that an agent is writing now.
    public struct TextPiece: Codable, Sendable, Equatable {
        public var step: String
        public var attempt: Int
        public var agent: String
        /// Where the piece begins, in UTF-8 bytes.
        public var offset: Int
        public var text: String
        /// Wall nanoseconds when its newest byte left the provider.
        public var leftProviderAt: Int64

        public init(
            step: String, attempt: Int, agent: String, offset: Int, text: String,
            leftProviderAt: Int64
        ) {
            (self.step, self.attempt, self.agent) = (step, attempt, agent)
            (self.offset, self.text, self.leftProviderAt) = (offset, text, leftProviderAt)
        }
    }

    public struct News: Codable, Sendable, Equatable {
        public var events: [Event]
        public var texts: [TextPiece]
        public var state: String
        /// True when the run has ended and no event comes after the last one here.
        public var isEnded: Bool

        public init(events: [Event], texts: [TextPiece], state: String, isEnded: Bool) {
            (self.events, self.texts) = (events, texts)
            (self.state, self.isEnded) = (state, isEnded)
        }
    }

    public struct RunStats: Codable, Sendable, Equatable {
        public var states: [StateCount]

        public init(states: [StateCount]) { self.states = states }
    }

    public struct StateCount: Codable, Sendable, Equatable {
        public var state: String
        public var count: Int

        public init(state: String, count: Int) { (self.state, self.count) = (state, count) }
    }
}
