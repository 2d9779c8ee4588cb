public import MeshContract

/// Runs that begin by the clock.
extension Orchestrator {
    /// Says what is to be run, and when. Exactly one kind of request is given.
    public struct CreateSchedule: Method {
        public static let name = "create-schedule"
        public static let summary = "Starts runs by the clock, from a cron expression."
        public static let traits = MethodTraits.keyed.callers("gateway")
        public typealias Reply = Schedule

        public var user: String
        public var title: String?
        /// Minute, hour, day of the month, month, day of the week.
        public var cron: String
        /// `UTC`, which it is without a word, or an offset such as `+05:30`.
        public var zone: String?
        /// `skip` leaves a moment out while the run before has not ended, which it is without a
        /// word; `allow` does not look.
        public var overlap: String?
        /// The Write session to make each time; its user and key are the schedule's.
        public var session: CreateSession?
        /// The caller's idempotency key; nil makes a new schedule each time.
        public var key: String?

        public init(
            user: String, title: String? = nil, cron: String, zone: String? = nil,
            overlap: String? = nil, session: CreateSession? = nil, key: String? = nil
        ) {
            (self.user, self.title, self.cron, self.zone) = (user, title, cron, zone)
            (self.overlap, self.session, self.key) = (overlap, session, key)
        }
    }

    public struct ListSchedules: Method {
        public static let name = "schedules"
        public static let summary = "Lists a user's schedules, newest first."
        public static let traits = MethodTraits.read
        public typealias Reply = ScheduleList

        public var user: String

        public init(user: String) { self.user = user }
    }

    public struct GetSchedule: Method {
        public static let name = "schedule"
        public static let summary = "Shows a schedule and what became of its last moment."
        public static let traits = MethodTraits.read
        public typealias Reply = Schedule

        public var user: String
        public var id: String

        public init(user: String, id: String) { (self.user, self.id) = (user, id) }
    }

    /// Changes what is given; its next moment is counted from now.
    public struct ChangeSchedule: Method {
        public static let name = "change-schedule"
        public static let summary = "Pauses, resumes or moves a schedule."
        public static let traits = MethodTraits.keyed.callers("gateway")
        public typealias Reply = Schedule

        public var user: String
        public var id: String
        public var title: String?
        public var cron: String?
        public var zone: String?
        public var overlap: String?
        public var isPaused: Bool?

        public init(
            user: String, id: String, title: String? = nil, cron: String? = nil,
            zone: String? = nil, overlap: String? = nil, isPaused: Bool? = nil
        ) {
            (self.user, self.id, self.title) = (user, id, title)
            (self.cron, self.zone) = (cron, zone)
            (self.overlap, self.isPaused) = (overlap, isPaused)
        }
    }

    public struct DeleteSchedule: Method {
        public static let name = "delete-schedule"
        public static let summary = "Ends a schedule; its runs go on."
        public static let traits = MethodTraits.keyed.callers("gateway")
        public typealias Reply = Done

        public var user: String
        public var id: String

        public init(user: String, id: String) { (self.user, self.id) = (user, id) }
    }

    // MARK: Replies

    public struct Schedule: Codable, Sendable, Equatable {
        public var id: String
        public var title: String
        public var cron: String
        public var zone: String
        public var overlap: String
        public var studio: String
        public var isPaused: Bool
        /// Wall milliseconds, as are the other times.
        public var nextAt: Int64
        public var lastAt: Int64?
        /// The newest run that it began.
        public var lastRun: String?
        /// Why its last moment began none.
        public var lastError: String?
        /// How many runs it has begun.
        public var runs: Int
        public var createdAt: Int64
        /// The next moments; none while it is paused, and nil in lists.
        public var upcoming: [Int64]?
        /// The template that its runs are made from, where one was named.
        public var template: String?

        public init(
            id: String, title: String, cron: String, zone: String, overlap: String,
            studio: String, isPaused: Bool, nextAt: Int64, lastAt: Int64?, lastRun: String?,
            lastError: String?, runs: Int, createdAt: Int64, upcoming: [Int64]? = nil,
            template: String? = nil
        ) {
            (self.id, self.title, self.cron, self.zone) = (id, title, cron, zone)
            (self.overlap, self.studio, self.isPaused) = (overlap, studio, isPaused)
            (self.nextAt, self.lastAt, self.lastRun) = (nextAt, lastAt, lastRun)
            (self.lastError, self.runs, self.createdAt) = (lastError, runs, createdAt)
            (self.upcoming, self.template) = (upcoming, template)
        }
    }

    public struct ScheduleList: Codable, Sendable, Equatable {
        public var schedules: [Schedule]

        public init(schedules: [Schedule]) { self.schedules = schedules }
    }
}
