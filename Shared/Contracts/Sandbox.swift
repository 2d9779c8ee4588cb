public import MeshContract

/// The place where code that nobody has read is executed.
public enum Sandbox: MeshService {
    public static let name = "sandbox"
    public static let contract = Contract(
        Self.self, Execute.self, GetLayers.self, ListExecutions.self)
    public protocol Method: MeshMethod where Service == Sandbox {}

    public struct Execute: Method {
        public static let name = "execute"
        public static let summary = "Runs a command without network, within limits, once per key."
        public static let traits = MethodTraits.keyed.callers("orchestrator")
        public typealias Reply = Execution

        /// The program and its arguments; no shell stands between.
        public var command: [String]
        public var input: String?
        public var files: [File]?
        public var wallMilliseconds: Int?
        public var memoryBytes: Int?
        /// The most of each output stream that is kept; the rest is cut.
        public var outputBytes: Int?
        public var key: String

        public init(
            command: [String], input: String? = nil, files: [File]? = nil,
            wallMilliseconds: Int? = nil, memoryBytes: Int? = nil, outputBytes: Int? = nil,
            key: String
        ) {
            (self.command, self.input, self.files) = (command, input, files)
            (self.wallMilliseconds, self.memoryBytes) = (wallMilliseconds, memoryBytes)
            (self.outputBytes, self.key) = (outputBytes, key)
        }
    }

    public struct GetLayers: Method {
        public static let name = "layers"
        public static let summary = "Says which layers of isolation hold on this machine."
        public static let traits = MethodTraits.read
        public typealias Reply = Layers

        public init() {}
    }

    public struct ListExecutions: Method {
        public static let name = "executions"
        public static let summary = "Lists past executions, newest first, without their output."
        public static let traits = MethodTraits.read
        public typealias Reply = ExecutionList

        public var limit: Int

        public init(limit: Int) { self.limit = limit }
    }
}

extension Sandbox {
    public struct File: Codable, Sendable, Equatable {
        /// Relative to the workspace, without `..`.
        public var path: String
        public var content: String

        public init(path: String, content: String) { (self.path, self.content) = (path, content) }
    }

    public struct Execution: Codable, Sendable, Equatable {
        public var id: String
        /// The exit code; nil when the command was ended by a signal.
        public var exitCode: Int?
        public var signal: Int?
        public var standardOutput: String
        public var standardError: String
        public var isTruncated: Bool
        public var isTimedOut: Bool
        public var isOutOfMemory: Bool
        public var wallMilliseconds: Int
        /// Wall milliseconds of the start.
        public var startedAt: Int64

        public init(
            id: String, exitCode: Int?, signal: Int?, standardOutput: String,
            standardError: String, isTruncated: Bool, isTimedOut: Bool, isOutOfMemory: Bool,
            wallMilliseconds: Int, startedAt: Int64
        ) {
            (self.id, self.exitCode, self.signal) = (id, exitCode, signal)
            (self.standardOutput, self.standardError) = (standardOutput, standardError)
            (self.isTruncated, self.isTimedOut) = (isTruncated, isTimedOut)
            (self.isOutOfMemory, self.wallMilliseconds) = (isOutOfMemory, wallMilliseconds)
            self.startedAt = startedAt
        }
    }

    public struct ExecutionList: Codable, Sendable, Equatable {
        public var executions: [Execution]

        public init(executions: [Execution]) { self.executions = executions }
    }

    public struct Layers: Codable, Sendable, Equatable {
        /// `strong`, `weak` or `none`, by what holds.
        public var strength: String
        public var holding: [String]
        public var missing: [String]

        public init(strength: String, holding: [String], missing: [String]) {
            (self.strength, self.holding, self.missing) = (strength, holding, missing)
        }
    }
}
