public import MeshContract

/// The proxy to every model provider: streams answers, keeps them by key, counts what they cost.
public enum Providers: MeshService {
    public static let name = "providers"
    public static let contract = Contract(
        Self.self, Generate.self, ReadStream.self, CancelStream.self, ListModels.self,
        FindModel.self, ReadUsage.self, Serve.self, ReadServed.self, CancelServed.self,
        SendMail.self, ListMails.self, SearchWeb.self, MakeImage.self, ListOutside.self,
        Health.self, SetBudget.self, DeleteBudget.self, ForgetBudgets.self,
        ListBudgets.self, PutProviderKey.self,
        ListProviderKeys.self, DeleteProviderKey.self)
    public protocol Method: MeshMethod where Service == Providers {}

    /// Asked again with the same key, it answers with the same stream: nothing is paid twice.
    public struct Generate: Method {
        public static let name = "generate"
        public static let summary = "Starts a model's answer once per key; its text is then read."
        public static let traits = MethodTraits.keyed
        public typealias Reply = StreamInfo

        /// Stable over retries and crashes.
        public var key: String
        public var user: String
        public var run: String
        public var agent: String
        /// A provider's name, or nil for the configured one.
        public var provider: String?
        /// A model's name or a role's alias (`fast`, `strong`, `critic`), or nil for the default.
        public var model: String?
        public var system: String
        public var messages: [Message]
        public var maxTokens: Int
        public var temperature: Double?
        /// The user's own name for what it belongs to: its budget holds, and it stands in the log.
        public var project: String?

        public init(
            key: String, user: String, run: String, agent: String, provider: String? = nil,
            model: String? = nil, system: String, messages: [Message], maxTokens: Int,
            temperature: Double? = nil, project: String? = nil
        ) {
            (self.key, self.user, self.run, self.agent) = (key, user, run, agent)
            (self.provider, self.model, self.system) = (provider, model, system)
            (self.messages, self.maxTokens, self.temperature) = (messages, maxTokens, temperature)
            self.project = project
        }
    }

    public struct ReadStream: Method {
        public static let name = "read-stream"
        public static let summary = "Answers with the text since an offset, or waits for more."
        public static let traits = MethodTraits.longPoll
        public typealias Reply = StreamPiece

        public var key: String
        public var attempt: Int
        /// In UTF-8 bytes from the start of the answer.
        public var offset: Int
        public var waitMilliseconds: Int

        public init(key: String, attempt: Int, offset: Int, waitMilliseconds: Int) {
            (self.key, self.attempt) = (key, attempt)
            (self.offset, self.waitMilliseconds) = (offset, waitMilliseconds)
        }
    }

    public struct CancelStream: Method {
        public static let name = "cancel-stream"
        public static let summary = "Ends an answer that nobody waits for; what was used counts."
        public static let traits = MethodTraits.keyed
        public typealias Reply = Done

        public var key: String

        public init(key: String) { self.key = key }
    }

    public struct ListModels: Method {
        public static let name = "models"
        public static let summary =
            "Lists the providers and models that are configured, with prices."
        public static let traits = MethodTraits.read
        public typealias Reply = Catalogue

        public init() {}
    }

    /// The owner's log behind the event `usage`: a subscriber that missed hints reads on from here.
    public struct ReadUsage: Method, LogMethod {
        public static let name = "usage"
        public static let summary = "Lists finished answers after a sequence number, oldest first."
        public static let traits = MethodTraits.read
        public typealias Reply = UsageLog

        public var after: Int64
        public var limit: Int

        public init(after: Int64, limit: Int) { (self.after, self.limit) = (after, limit) }
    }

    /// A hint that the usage log has grown up to `last`.
    public struct UsageRecorded: LogHint {
        public typealias Service = Providers
        public static let topic = "usage"

        public var last: Int64

        public init(last: Int64) { self.last = last }
    }
}

extension Providers {
    public struct Message: Codable, Sendable, Equatable {
        /// `user` or `assistant`.
        public var role: String
        public var content: String

        public init(role: String, content: String) { (self.role, self.content) = (role, content) }
    }

    public struct StreamInfo: Codable, Sendable, Equatable {
        public var key: String
        /// Raised when an answer had to be begun again; its text then starts at offset 0.
        public var attempt: Int
        public var provider: String
        public var model: String
        /// True for the built-in provider, which calls no model.
        public var isOffline: Bool

        public init(key: String, attempt: Int, provider: String, model: String, isOffline: Bool) {
            (self.key, self.attempt, self.provider) = (key, attempt, provider)
            (self.model, self.isOffline) = (model, isOffline)
        }
    }

    public struct StreamPiece: Codable, Sendable, Equatable {
        public var text: String
        /// Where the next read begins, in UTF-8 bytes.
        public var nextOffset: Int
        /// Wall nanoseconds when the newest byte of `text` left the provider; 0 for no text.
        public var leftProviderAt: Int64
        /// Set once the answer has ended.
        public var completion: Completion?

        public init(text: String, nextOffset: Int, leftProviderAt: Int64, completion: Completion?) {
            (self.text, self.nextOffset) = (text, nextOffset)
            (self.leftProviderAt, self.completion) = (leftProviderAt, completion)
        }
    }

    public struct Completion: Codable, Sendable, Equatable {
        public var stopReason: String
        public var usage: Usage

        public init(stopReason: String, usage: Usage) {
            (self.stopReason, self.usage) = (stopReason, usage)
        }
    }

    public struct Usage: Codable, Sendable, Equatable {
        public var inputTokens: Int
        public var outputTokens: Int
        /// The part of `inputTokens` that the provider read from its cache.
        public var cachedTokens: Int
        /// True when the provider sent no figures and these were counted here, or when it says that it
        /// served the call in a class of service whose price is not known.
        public var isEstimated: Bool
        /// Millionths of a US dollar of list price; nil where no price is known.
        public var costMicroUSD: Int64?
        /// The same in billionths, which nothing is rounded to; nil also where it was not kept.
        public var costNanoUSD: Int64?
        /// True when it was asked with the user's own key, who pays for it elsewhere.
        public var isOwnKey: Bool?

        public init(
            inputTokens: Int, outputTokens: Int, cachedTokens: Int, isEstimated: Bool,
            costMicroUSD: Int64?, costNanoUSD: Int64? = nil, isOwnKey: Bool? = nil
        ) {
            (self.inputTokens, self.outputTokens) = (inputTokens, outputTokens)
            (self.cachedTokens, self.isEstimated) = (cachedTokens, isEstimated)
            (self.costMicroUSD, self.costNanoUSD) = (costMicroUSD, costNanoUSD)
            self.isOwnKey = isOwnKey
        }
    }

    public struct UsageEntry: Codable, Sendable, Equatable, LogEntry {
        public var seq: Int64
        /// Wall milliseconds.
        public var at: Int64
        public var user: String
        public var run: String
        public var agent: String
        public var provider: String
        public var model: String
        public var isOffline: Bool
        public var outcome: String
        public var durationMilliseconds: Int64
        public var usage: Usage
        /// The user's own name for what it belonged to; nil for nothing.
        public var project: String?

        public init(
            seq: Int64, at: Int64, user: String, run: String, agent: String, provider: String,
            model: String, isOffline: Bool, outcome: String, durationMilliseconds: Int64,
            usage: Usage, project: String? = nil
        ) {
            (self.seq, self.at, self.user, self.run, self.agent) = (seq, at, user, run, agent)
            (self.provider, self.model, self.isOffline) = (provider, model, isOffline)
            (self.outcome, self.durationMilliseconds) = (outcome, durationMilliseconds)
            (self.usage, self.project) = (usage, project)
        }
    }

    public struct UsageLog: Codable, Sendable, Equatable, LogPage {
        public var entries: [UsageEntry]
        public var pruned: Int64?
        public var newest: Int64?

        public init(entries: [UsageEntry], pruned: Int64? = nil, newest: Int64? = nil) {
            (self.entries, self.pruned, self.newest) = (entries, pruned, newest)
        }
    }

    public struct ModelCard: Codable, Sendable, Equatable {
        public var provider: String
        public var model: String
        public var isDefault: Bool
        public var isOffline: Bool
        /// Millionths of a US dollar for a million tokens; nil where no price is known.
        public var inputPrice: Int64?
        public var outputPrice: Int64?
        /// How many tokens it reads and writes at once in all; nil where that is not known.
        public var contextTokens: Int?
        /// How many of them an answer may have; nil where that is not known.
        public var outputTokens: Int?

        public init(
            provider: String, model: String, isDefault: Bool, isOffline: Bool, inputPrice: Int64?,
            outputPrice: Int64?, contextTokens: Int? = nil, outputTokens: Int? = nil
        ) {
            (self.provider, self.model) = (provider, model)
            (self.isDefault, self.isOffline) = (isDefault, isOffline)
            (self.inputPrice, self.outputPrice) = (inputPrice, outputPrice)
            (self.contextTokens, self.outputTokens) = (contextTokens, outputTokens)
        }
    }

    public struct Catalogue: Codable, Sendable, Equatable {
        public var models: [ModelCard]

        public init(models: [ModelCard]) { self.models = models }
    }
}
