public import MeshContract

extension Providers {
    /// Keeps a user's own key of a provider, encrypted. It is used for that user's questions alone,
    /// before the installation's, and is never told again.
    public struct PutProviderKey: Method {
        public static let name = "put-provider-key"
        public static let summary =
            "Keeps a user's own key of a provider, in place of an older one."
        public static let traits = MethodTraits.keyed.callers("gateway")
        public typealias Reply = ProviderKeyCard

        public var user: String
        public var provider: String
        public var key: String

        public init(user: String, provider: String, key: String) {
            (self.user, self.provider, self.key) = (user, provider, key)
        }
    }

    public struct ListProviderKeys: Method {
        public static let name = "provider-keys"
        public static let summary = "Lists a user's own keys by their last characters."
        public static let traits = MethodTraits.read.callers("gateway")
        public typealias Reply = ProviderKeyList

        public var user: String

        public init(user: String) { self.user = user }
    }

    public struct DeleteProviderKey: Method {
        public static let name = "delete-provider-key"
        public static let summary = "Forgets a user's own key of a provider."
        public static let traits = MethodTraits.keyed.callers("gateway")
        public typealias Reply = Done

        public var user: String
        public var provider: String

        public init(user: String, provider: String) {
            (self.user, self.provider) = (user, provider)
        }
    }

    /// What may be told of a key.
    public struct ProviderKeyCard: Codable, Sendable, Equatable {
        public var provider: String
        /// Its last four characters, where it is long enough to spare them.
        public var hint: String
        /// Wall milliseconds.
        public var createdAt: Int64

        public init(provider: String, hint: String, createdAt: Int64) {
            (self.provider, self.hint, self.createdAt) = (provider, hint, createdAt)
        }
    }

    public struct ProviderKeyList: Codable, Sendable, Equatable {
        public var keys: [ProviderKeyCard]

        public init(keys: [ProviderKeyCard]) { self.keys = keys }
    }
}
