public import MeshContract

/// Who may keep how much, for how long, and who else may fetch it.
extension Storage {
    public struct GetUsage: Method {
        public static let name = "usage"
        public static let summary = "Says what an owner keeps, and may keep."
        public static let traits = MethodTraits.read
        public typealias Reply = Usage

        public var owner: String

        public init(owner: String) {
            self.owner = owner
        }
    }

    public struct SetQuota: Method {
        public static let name = "set-quota"
        public static let summary =
            "Sets what an owner may keep; without a number the default counts."
        public static let traits = MethodTraits.keyed.callers("billing", "gateway")
        public typealias Reply = Usage

        public var owner: String
        public var bytes: Int?

        public init(owner: String, bytes: Int? = nil) {
            self.owner = owner
            self.bytes = bytes
        }
    }

    public struct MakeLink: Method {
        public static let name = "make-link"
        public static let summary = "Makes a link that lets anybody fetch an artifact for a time."
        public static let traits = MethodTraits.once.callers("gateway")
        public typealias Reply = Link

        public var artifact: String
        public var owner: String
        /// How long it counts; a week at most.
        public var seconds: Int

        public init(artifact: String, owner: String, seconds: Int) {
            self.artifact = artifact
            self.owner = owner
            self.seconds = seconds
        }
    }

    public struct OpenLink: Method {
        public static let name = "open-link"
        public static let summary = "Answers with the artifact behind a link that still counts."
        public static let traits = MethodTraits.read.callers("gateway")
        public typealias Reply = Artifact

        public var token: String

        public init(token: String) {
            self.token = token
        }
    }

    public struct ListLinks: Method {
        public static let name = "links"
        public static let summary = "Lists the links of an artifact that still count."
        public static let traits = MethodTraits.read.callers("gateway")
        public typealias Reply = LinkList

        public var artifact: String
        public var owner: String

        public init(artifact: String, owner: String) {
            self.artifact = artifact
            self.owner = owner
        }
    }

    public struct RevokeLink: Method {
        public static let name = "revoke-link"
        public static let summary = "Ends a link before its time."
        public static let traits = MethodTraits.keyed.callers("gateway")
        public typealias Reply = Done

        public var id: String
        public var owner: String

        public init(id: String, owner: String) {
            self.id = id
            self.owner = owner
        }
    }

    public struct AddRetention: Method {
        public static let name = "add-retention"
        public static let summary = "Adds a rule by which artifacts are forgotten."
        public static let traits = MethodTraits.once.callers("gateway")
        public typealias Reply = Retention

        /// Whose; nil for everybody.
        public var owner: String?
        /// Which names: `*` stands for any characters, `?` for one.
        public var pattern: String
        /// Forgotten when older.
        public var keepDays: Int?
        /// Forgotten when so many newer versions exist.
        public var keepVersions: Int?

        public init(
            owner: String? = nil, pattern: String, keepDays: Int? = nil, keepVersions: Int? = nil
        ) {
            self.owner = owner
            self.pattern = pattern
            self.keepDays = keepDays
            self.keepVersions = keepVersions
        }
    }

    public struct ListRetention: Method {
        public static let name = "retention"
        public static let summary =
            "Lists the rules by which artifacts are forgotten, and what each would take now."
        public static let traits = MethodTraits.read
        public typealias Reply = RetentionList

        public init() {}
    }

    public struct RemoveRetention: Method {
        public static let name = "remove-retention"
        public static let summary = "Removes a rule."
        public static let traits = MethodTraits.keyed.callers("gateway")
        public typealias Reply = Done

        public var id: String

        public init(id: String) {
            self.id = id
        }
    }

    public struct Verify: Method {
        public static let name = "verify-contents"
        public static let summary = "Checks contents against their names, some at a time."
        public static let traits = MethodTraits.read.callers("gateway")
        public typealias Reply = Verification

        /// The `next` of the answer before; nil at first.
        public var after: String?
        /// Contents to check, 1 to 1000.
        public var limit: Int
        /// Reads every byte, instead of looking at lengths.
        public var isThorough: Bool

        public init(after: String? = nil, limit: Int, isThorough: Bool) {
            self.after = after
            self.limit = limit
            self.isThorough = isThorough
        }
    }

    /// What an owner keeps, in bytes and artifacts.
    public struct Usage: Codable, Sendable, Equatable {
        public var owner: String
        public var bytes: Int
        public var artifacts: Int
        /// What he may keep; nil for as much as there is room.
        public var quota: Int?

        public init(owner: String, bytes: Int, artifacts: Int, quota: Int?) {
            (self.owner, self.bytes, self.artifacts, self.quota) = (owner, bytes, artifacts, quota)
        }
    }

    public struct Link: Codable, Sendable, Equatable {
        public var id: String
        public var artifact: String
        /// What opens it; told once, when it is made.
        public var token: String?
        /// Wall milliseconds.
        public var expiresAt: Int64

        public init(id: String, artifact: String, token: String?, expiresAt: Int64) {
            (self.id, self.artifact) = (id, artifact)
            (self.token, self.expiresAt) = (token, expiresAt)
        }
    }

    public struct LinkList: Codable, Sendable, Equatable {
        public var links: [Link]

        public init(links: [Link]) { self.links = links }
    }

    public struct Retention: Codable, Sendable, Equatable {
        public var id: String
        public var owner: String?
        public var pattern: String
        public var keepDays: Int?
        public var keepVersions: Int?
        /// Artifacts that it would take now.
        public var matches: Int

        public init(
            id: String, owner: String?, pattern: String, keepDays: Int?, keepVersions: Int?,
            matches: Int
        ) {
            (self.id, self.owner, self.pattern) = (id, owner, pattern)
            (self.keepDays, self.keepVersions, self.matches) = (keepDays, keepVersions, matches)
        }
    }

    public struct RetentionList: Codable, Sendable, Equatable {
        public var rules: [Retention]

        public init(rules: [Retention]) { self.rules = rules }
    }

    /// What a check of contents found.
    public struct Verification: Codable, Sendable, Equatable {
        public var checked: Int
        public var bytes: Int
        public var faults: [Damage]
        /// Where to go on; nil after the last.
        public var next: String?

        public init(checked: Int, bytes: Int, faults: [Damage], next: String?) {
            (self.checked, self.bytes, self.faults, self.next) = (checked, bytes, faults, next)
        }
    }

    /// A content that is not what its name says, and who is hurt by it.
    public struct Damage: Codable, Sendable, Equatable {
        public var sha256: String
        public var what: String
        /// Ids of artifacts, the first hundred.
        public var artifacts: [String]

        public init(sha256: String, what: String, artifacts: [String]) {
            (self.sha256, self.what, self.artifacts) = (sha256, what, artifacts)
        }
    }
}
