public import MeshContract

/// Other systems that are told of runs' events, by HTTP, signed.
extension Orchestrator {
    public struct CreateWebhook: Method {
        public static let name = "create-webhook"
        public static let summary = "Tells a URL of events; the answer holds the secret."
        public static let traits = MethodTraits.keyed.callers("gateway")
        public typealias Reply = Webhook

        public var user: String
        /// `https`; addresses of private networks only where the operator allows them.
        public var url: String
        /// Such as `run.completed`, `gate.*` or `*`; without a word `run.*` and `gate.*`.
        public var events: [String]?
        /// The caller's idempotency key; nil makes a new one each time.
        public var key: String?

        public init(user: String, url: String, events: [String]? = nil, key: String? = nil) {
            (self.user, self.url, self.events, self.key) = (user, url, events, key)
        }
    }

    public struct ListWebhooks: Method {
        public static let name = "webhooks"
        public static let summary = "Lists a user's webhooks, newest first."
        public static let traits = MethodTraits.read
        public typealias Reply = WebhookList

        public var user: String

        public init(user: String) { self.user = user }
    }

    public struct GetWebhook: Method {
        public static let name = "webhook"
        public static let summary = "Shows a webhook with its secret."
        public static let traits = MethodTraits.read.callers("gateway")
        public typealias Reply = Webhook

        public var user: String
        public var id: String

        public init(user: String, id: String) { (self.user, self.id) = (user, id) }
    }

    public struct ChangeWebhook: Method {
        public static let name = "change-webhook"
        public static let summary = "Changes a webhook, or switches it on again."
        public static let traits = MethodTraits.keyed.callers("gateway")
        public typealias Reply = Webhook

        public var user: String
        public var id: String
        public var url: String?
        public var events: [String]?
        public var isActive: Bool?

        public init(
            user: String, id: String, url: String? = nil, events: [String]? = nil,
            isActive: Bool? = nil
        ) {
            (self.user, self.id, self.url) = (user, id, url)
            (self.events, self.isActive) = (events, isActive)
        }
    }

    public struct DeleteWebhook: Method {
        public static let name = "delete-webhook"
        public static let summary = "Ends a webhook and forgets its deliveries."
        public static let traits = MethodTraits.keyed.callers("gateway")
        public typealias Reply = Done

        public var user: String
        public var id: String

        public init(user: String, id: String) { (self.user, self.id) = (user, id) }
    }

    public struct ListDeliveries: Method {
        public static let name = "deliveries"
        public static let summary = "Lists what a webhook was sent, newest first."
        public static let traits = MethodTraits.read
        public typealias Reply = DeliveryPage

        public var user: String
        public var webhook: String
        /// Deliveries before this id; nil begins with the newest.
        public var before: Int64?
        public var limit: Int

        public init(user: String, webhook: String, before: Int64? = nil, limit: Int) {
            (self.user, self.webhook) = (user, webhook)
            (self.before, self.limit) = (before, limit)
        }
    }

    /// Sends a delivery again, with the same id and body, whatever became of it.
    public struct RepeatDelivery: Method {
        public static let name = "repeat-delivery"
        public static let summary = "Sends a delivery again."
        public static let traits = MethodTraits.keyed.callers("gateway")
        public typealias Reply = Delivery

        public var user: String
        public var webhook: String
        public var delivery: Int64

        public init(user: String, webhook: String, delivery: Int64) {
            (self.user, self.webhook, self.delivery) = (user, webhook, delivery)
        }
    }

    // MARK: Replies

    public struct Webhook: Codable, Sendable, Equatable {
        public var id: String
        public var url: String
        public var events: [String]
        public var isActive: Bool
        /// Why it was switched off, where it was not the user.
        public var reason: String?
        /// What signatures are made with; only where one webhook is shown.
        public var secret: String?
        /// Wall milliseconds.
        public var createdAt: Int64

        public init(
            id: String, url: String, events: [String], isActive: Bool, reason: String?,
            secret: String?, createdAt: Int64
        ) {
            (self.id, self.url, self.events) = (id, url, events)
            (self.isActive, self.reason) = (isActive, reason)
            (self.secret, self.createdAt) = (secret, createdAt)
        }
    }

    public struct WebhookList: Codable, Sendable, Equatable {
        public var webhooks: [Webhook]

        public init(webhooks: [Webhook]) { self.webhooks = webhooks }
    }

    public struct Delivery: Codable, Sendable, Equatable {
        public var id: Int64
        public var run: String
        public var seq: Int64
        public var event: String
        /// `pending`, `delivered` or `failed`.
        public var state: String
        public var attempts: Int
        /// What the other side answered last.
        public var status: Int?
        public var error: String?
        /// Wall milliseconds of the event, and of the next attempt.
        public var at: Int64
        public var nextAt: Int64?

        public init(
            id: Int64, run: String, seq: Int64, event: String, state: String, attempts: Int,
            status: Int?, error: String?, at: Int64, nextAt: Int64?
        ) {
            (self.id, self.run, self.seq, self.event) = (id, run, seq, event)
            (self.state, self.attempts, self.status) = (state, attempts, status)
            (self.error, self.at, self.nextAt) = (error, at, nextAt)
        }
    }

    public struct DeliveryPage: Codable, Sendable, Equatable {
        public var deliveries: [Delivery]
        public var next: Int64?

        public init(deliveries: [Delivery], next: Int64?) {
            (self.deliveries, self.next) = (deliveries, next)
        }
    }
}
