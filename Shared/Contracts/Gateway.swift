public import MeshContract

/// The only door to the outside, and the keeper of accounts.
public enum Gateway: MeshService {
    public static let name = "gateway"
    public static let contract = Contract(
        Self.self, CreateUser.self, ListUsers.self, SetPassword.self, IssueToken.self,
        RotateKeys.self, ListKeys.self)
    public protocol Method: MeshMethod where Service == Gateway {}

    public struct CreateUser: Method {
        public static let name = "create-user"
        public static let summary = "Makes an account as registering would, on any plan and role."
        public static let traits = MethodTraits.once.callers("admin").heavy
        public typealias Reply = User

        public var email: String
        public var password: String
        public var displayName: String
        /// `user` or `admin`.
        public var role: String
        public var plan: String

        public init(
            email: String, password: String, displayName: String, role: String, plan: String
        ) {
            (self.email, self.password) = (email, password)
            (self.displayName, self.role, self.plan) = (displayName, role, plan)
        }
    }

    public struct ListUsers: Method {
        public static let name = "users"
        public static let summary = "Lists accounts in the order of their making."
        public static let traits = MethodTraits.read.callers("admin")
        public typealias Reply = UserList

        public var limit: Int

        public init(limit: Int) { self.limit = limit }
    }

    public struct SetPassword: Method {
        public static let name = "set-password"
        public static let summary = "Sets an account's password and ends its sessions."
        public static let traits = MethodTraits.keyed.callers("admin").heavy
        public typealias Reply = Done

        public var user: String
        public var password: String

        public init(user: String, password: String) {
            (self.user, self.password) = (user, password)
        }
    }

    public struct IssueToken: Method {
        public static let name = "issue-token"
        public static let summary = "Makes an access token for an account."
        public static let traits = MethodTraits.once.callers("admin")
        public typealias Reply = Token

        public var user: String

        public init(user: String) { self.user = user }
    }

    public struct RotateKeys: Method {
        public static let name = "rotate-keys"
        public static let summary =
            "Makes a new key for access tokens; the old ones verify until their tokens are over."
        public static let traits = MethodTraits.once.callers("admin")
        public typealias Reply = KeyList

        public init() {}
    }

    public struct ListKeys: Method {
        public static let name = "keys"
        public static let summary = "Lists the keys of access tokens, the one that signs first."
        public static let traits = MethodTraits.read.callers("admin")
        public typealias Reply = KeyList

        public init() {}
    }
}

extension Gateway {
    public struct User: Codable, Sendable, Equatable {
        public var id: String
        public var email: String
        public var displayName: String
        public var role: String
        /// Wall milliseconds.
        public var createdAt: Int64

        public init(id: String, email: String, displayName: String, role: String, createdAt: Int64)
        {
            (self.id, self.email, self.displayName) = (id, email, displayName)
            (self.role, self.createdAt) = (role, createdAt)
        }
    }

    public struct UserList: Codable, Sendable, Equatable {
        public var users: [User]

        public init(users: [User]) { self.users = users }
    }

    public struct Token: Codable, Sendable, Equatable {
        public var accessToken: String
        public var expiresInSeconds: Int

        public init(accessToken: String, expiresInSeconds: Int) {
            (self.accessToken, self.expiresInSeconds) = (accessToken, expiresInSeconds)
        }
    }

    /// A key that access tokens are signed with, without its secret.
    public struct SigningKey: Codable, Sendable, Equatable {
        /// As a token's `kid` names it.
        public var id: String
        /// Wall milliseconds; 0 where it is not known.
        public var madeAt: Int64
        /// Until when it verifies; nil for the one that signs.
        public var endsAt: Int64?

        public init(id: String, madeAt: Int64, endsAt: Int64? = nil) {
            (self.id, self.madeAt, self.endsAt) = (id, madeAt, endsAt)
        }
    }

    public struct KeyList: Codable, Sendable, Equatable {
        public var keys: [SigningKey]

        public init(keys: [SigningKey]) { self.keys = keys }
    }
}
