public import MeshContract

/// The keeper of runs: every studio's work is a durable run here, told as gapless events.
public enum Orchestrator: MeshService {
    public static let name = "orchestrator"
    public static let contract = Contract(
        Self.self, CreateSession.self, StartSession.self, GetSession.self, ListPresets.self,
        ListRuns.self, GetRun.self, ListEvents.self, Follow.self, PauseRun.self, ResumeRun.self,
        CancelRun.self, GetStats.self, RetryRun.self, ForkRun.self, ListSteps.self, ListGates.self,
        DecideGate.self, LimitRun.self, CreateSchedule.self, ListSchedules.self, GetSchedule.self,
        ChangeSchedule.self, DeleteSchedule.self, CreateWebhook.self, ListWebhooks.self,
        GetWebhook.self, ChangeWebhook.self, DeleteWebhook.self, ListDeliveries.self,
        RepeatDelivery.self, ContinueSession.self, EditDocument.self, LockPassages.self,
        ListSuggestions.self, DecideSuggestion.self, DiffSession.self, ListTemplates.self,
        GetTemplate.self, PutTemplate.self, CheckTemplate.self, DeleteTemplate.self,
        EstimateSession.self, AddComment.self, ListComments.self, LocateRun.self,
        DissolveWorkspace.self, ReleaseUser.self, CheckEnvironment.self, ListNoteworthy.self)
    public protocol Method: MeshMethod where Service == Orchestrator {}

    public struct StartSession: Method {
        public static let name = "start-session"
        public static let summary = "Starts a session that was made without starting it, once."
        public static let traits = MethodTraits.keyed.callers("gateway")
        public typealias Reply = Session

        public var user: String
        public var id: String

        public init(user: String, id: String) { (self.user, self.id) = (user, id) }
    }

    public struct GetSession: Method {
        public static let name = "session"
        public static let summary = "Shows a session with its document, scores and rounds."
        public static let traits = MethodTraits.read
        public typealias Reply = Session

        public var user: String
        public var id: String

        public init(user: String, id: String) { (self.user, self.id) = (user, id) }
    }

    public struct ListPresets: Method {
        public static let name = "presets"
        public static let summary = "Lists the built-in casts of agents, and a user's own."
        public static let traits = MethodTraits.read
        public typealias Reply = PresetList

        /// Nil for the built-in ones alone.
        public var user: String?

        public init(user: String? = nil) { self.user = user }
    }

    public struct ListRuns: Method {
        public static let name = "runs"
        public static let summary = "Lists a user's runs, newest first; all users' for nil."
        public static let traits = MethodTraits.read
        public typealias Reply = RunPage

        public var user: String?
        public var studio: String?
        public var state: String?
        public var cursor: String?
        public var limit: Int
        /// The workspaces that the user is in: their runs are listed beside those that belong to
        /// none. nil lists what the user has made, wherever it belongs.
        public var workspaces: [String]?
        /// One workspace's runs alone.
        public var workspace: String?
        /// One project's runs alone.
        public var project: String?

        public init(
            user: String?, studio: String? = nil, state: String? = nil, cursor: String? = nil,
            limit: Int, workspaces: [String]? = nil, workspace: String? = nil,
            project: String? = nil
        ) {
            (self.user, self.studio, self.state) = (user, studio, state)
            (self.cursor, self.limit) = (cursor, limit)
            (self.workspaces, self.workspace) = (workspaces, workspace)
            self.project = project
        }
    }

    public struct GetRun: Method {
        public static let name = "run"
        public static let summary = "Shows where a run stands."
        public static let traits = MethodTraits.read
        public typealias Reply = Run

        public var user: String
        public var id: String

        public init(user: String, id: String) { (self.user, self.id) = (user, id) }
    }

    public struct ListEvents: Method {
        public static let name = "events"
        public static let summary = "Lists a run's events after a sequence number, oldest first."
        public static let traits = MethodTraits.read
        public typealias Reply = EventPage

        public var user: String
        public var run: String
        public var after: Int64
        public var limit: Int

        public init(user: String, run: String, after: Int64, limit: Int) {
            (self.user, self.run, self.after, self.limit) = (user, run, after, limit)
        }
    }

    /// One round of watching a run: what came after the cursor, or a wait for it.
    public struct Follow: Method {
        public static let name = "follow"
        public static let summary = "Answers with events and text after a cursor, or waits."
        public static let traits = MethodTraits.longPoll
        public typealias Reply = News

        public var user: String
        public var run: String
        /// The last event seen; 0 for none.
        public var after: Int64
        /// How much of the text in progress has been seen, a mark for each step.
        public var marks: [TextMark]
        public var waitMilliseconds: Int

        public init(
            user: String, run: String, after: Int64, marks: [TextMark], waitMilliseconds: Int
        ) {
            (self.user, self.run, self.after) = (user, run, after)
            (self.marks, self.waitMilliseconds) = (marks, waitMilliseconds)
        }
    }

    public struct PauseRun: Method {
        public static let name = "pause"
        public static let summary = "Stops a run at its next step; what was done is kept."
        public static let traits = MethodTraits.keyed
        public typealias Reply = Run

        public var user: String
        public var id: String

        public init(user: String, id: String) { (self.user, self.id) = (user, id) }
    }

    public struct ResumeRun: Method {
        public static let name = "resume"
        public static let summary = "Lets a paused run, or one that needed attention, go on."
        public static let traits = MethodTraits.keyed
        public typealias Reply = Run

        public var user: String
        public var id: String

        public init(user: String, id: String) { (self.user, self.id) = (user, id) }
    }

    public struct CancelRun: Method {
        public static let name = "cancel"
        public static let summary = "Ends a run; from here on it cannot complete."
        public static let traits = MethodTraits.keyed
        public typealias Reply = Run

        public var user: String
        public var id: String

        public init(user: String, id: String) { (self.user, self.id) = (user, id) }
    }

    public struct GetStats: Method {
        public static let name = "run-stats"
        public static let summary = "Counts a user's runs by state; all users' for nil."
        public static let traits = MethodTraits.read
        public typealias Reply = RunStats

        public var user: String?

        public init(user: String? = nil) { self.user = user }
    }
}
