public import MeshContract

/// Runs that belong to a workspace. Who is in it is the gateway's to know: it asks whose a run is, and
/// then acts as that user for a member who may.
extension Orchestrator {
    public struct LocateRun: Method {
        public static let name = "locate"
        public static let summary = "Says whose a run is and which workspace it belongs to."
        public static let traits = MethodTraits.read.callers("gateway")
        public typealias Reply = RunPlace

        public var id: String

        public init(id: String) { self.id = id }
    }

    public struct DissolveWorkspace: Method {
        public static let name = "dissolve-workspace"
        public static let summary = "Leaves the runs of a workspace to who made them."
        public static let traits = MethodTraits.keyed.callers("gateway")
        public typealias Reply = Done

        public var workspace: String

        public init(workspace: String) { self.workspace = workspace }
    }

    public struct ReleaseUser: Method {
        public static let name = "release-user"
        public static let summary =
            "Ends what a user who is gone has under way; their runs stay without an owner."
        public static let traits = MethodTraits.keyed.callers("gateway")
        public typealias Reply = Done

        public var user: String

        public init(user: String) { self.user = user }
    }

    public struct RunPlace: Codable, Sendable, Equatable {
        public var user: String
        public var workspace: String?

        public init(user: String, workspace: String? = nil) {
            (self.user, self.workspace) = (user, workspace)
        }
    }
}
