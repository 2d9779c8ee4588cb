public import MeshContract

extension Providers {
    /// The interfaces of other makers that outside clients speak to us.
    public enum Interface: String, Codable, Sendable, CaseIterable {
        /// OpenAI's `/v1/chat/completions`.
        case chat
        /// OpenAI's `/v1/responses`.
        case responses
        /// OpenAI's `/v1/embeddings`.
        case embeddings
        /// Anthropic's `/v1/messages`.
        case messages
        /// Anthropic's `/v1/messages/count_tokens`.
        case countTokens = "count-tokens"
        /// `/v1/models` and what is under it, in either's form.
        case models
    }

    /// A client's request as it came, answered in the client's dialect, errors included: who passes
    /// it on needs to understand neither. Cancelled, it ends the request to the provider.
    public struct Serve: Method {
        public static let name = "serve"
        public static let summary = "Answers an outside client in its dialect, whole or begun."
        public static let traits = MethodTraits.once.callers("gateway")
        public typealias Reply = ServedAnswer

        public var interface: Interface
        public var user: String
        /// The API key that was used; nil for another proof.
        public var apiKeyID: String?
        /// Header fields and parameters that matter, their names in lower case.
        public var fields: [NamedValue]
        public var body: [UInt8]

        public init(
            interface: Interface, user: String, apiKeyID: String? = nil,
            fields: [NamedValue] = [], body: [UInt8] = []
        ) {
            (self.interface, self.user, self.apiKeyID) = (interface, user, apiKeyID)
            (self.fields, self.body) = (fields, body)
        }
    }

    /// The rest of an answer that `Serve` has begun. Everything before the offset is forgotten. An
    /// answer whose reader is cancelled and does not come back at once is given up.
    public struct ReadServed: Method {
        public static let name = "read-served"
        public static let summary = "Answers with the bytes since an offset, or waits for more."
        public static let traits = MethodTraits.longPoll.callers("gateway")
        public typealias Reply = ServedPiece

        public var id: String
        public var offset: Int
        public var waitMilliseconds: Int

        public init(id: String, offset: Int, waitMilliseconds: Int) {
            (self.id, self.offset) = (id, offset)
            self.waitMilliseconds = waitMilliseconds
        }
    }

    public struct CancelServed: Method {
        public static let name = "cancel-served"
        public static let summary = "Gives up an answer whose client is gone; what was used counts."
        public static let traits = MethodTraits.keyed.callers("gateway")
        public typealias Reply = Done

        public var id: String

        public init(id: String) { self.id = id }
    }

    public struct NamedValue: Codable, Sendable, Equatable {
        public var name: String
        public var value: String

        public init(_ name: String, _ value: String) { (self.name, self.value) = (name, value) }
    }

    public struct ServedAnswer: Codable, Sendable, Equatable {
        /// By which the rest is read; empty for an answer that is whole.
        public var id: String
        public var status: Int
        public var headers: [NamedValue]
        public var body: [UInt8]
        /// True when `body` is all there is.
        public var isEnded: Bool

        public init(
            id: String = "", status: Int, headers: [NamedValue], body: [UInt8], isEnded: Bool = true
        ) {
            (self.id, self.status, self.headers) = (id, status, headers)
            (self.body, self.isEnded) = (body, isEnded)
        }
    }

    public struct ServedPiece: Codable, Sendable, Equatable {
        public var body: [UInt8]
        public var isEnded: Bool

        public init(body: [UInt8], isEnded: Bool) { (self.body, self.isEnded) = (body, isEnded) }
    }
}
