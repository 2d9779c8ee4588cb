/// What the gateway answers about the control of runs, schedules and webhooks.
struct StepResource: Codable, Sendable, Equatable {
    var path: String
    var kind: String?
    var state: String?
    var takesInput: Bool?
    var at: String?
    var error: String?

    enum CodingKeys: String, CodingKey {
        case path, kind, state, at, error
        case takesInput = "takes_input"
    }
}

struct RunLimits: Codable, Sendable, Equatable {
    var spendLimit: Double?
    var timeLimit: Int?

    enum CodingKeys: String, CodingKey {
        case spendLimit = "spend_limit"
        case timeLimit = "time_limit"
    }
}

struct ScheduleRequest: Codable, Sendable, Equatable {
    var title: String
    var cron: String
    var zone: String?
    var overlap: String?
    var session: SessionRequest
}

struct ScheduleResource: Codable, Sendable, Equatable {
    var id: String
    var title: String?
    var cron: String?
    var zone: String?
    var paused: Bool?
    var nextAt: String?
    var upcoming: [String]?
    var lastError: String?
    var runs: Int?

    enum CodingKeys: String, CodingKey {
        case id, title, cron, zone, paused, upcoming, runs
        case nextAt = "next_at"
        case lastError = "last_error"
    }
}

struct WebhookRequest: Codable, Sendable, Equatable {
    var url: String
    var events: [String]?
}

struct WebhookResource: Codable, Sendable, Equatable {
    var id: String
    var url: String?
    var events: [String]?
    var active: Bool?
    var reason: String?
    var secret: String?
}

struct DeliveryResource: Codable, Sendable, Equatable {
    var id: String
    var runID: String?
    var event: String?
    var state: String?
    var attempts: Int?
    var status: Int?
    var error: String?

    enum CodingKeys: String, CodingKey {
        case id, event, state, attempts, status, error
        case runID = "run_id"
    }
}
