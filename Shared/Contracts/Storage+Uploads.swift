public import MeshContract

/// Large contents come in pieces, and may be resumed.
extension Storage {
    /// The most that one piece carries, in bytes.
    public static let maxPieceBytes = 1 << 20

    public struct BeginUpload: Method {
        public static let name = "begin-upload"
        public static let summary = "Begins a content that comes in pieces, once per key."
        public static let traits = MethodTraits.keyed.callers(
            "orchestrator", "gateway", "sandbox", "providers")
        public typealias Reply = Upload

        public var owner: String
        public var run: String?
        public var name: String
        public var contentType: String
        /// How long it will be, where that is known: a quota refuses at once then.
        public var bytes: Int?
        public var author: String?
        public var key: String

        public init(
            owner: String, run: String? = nil, name: String, contentType: String, bytes: Int? = nil,
            author: String? = nil, key: String
        ) {
            self.owner = owner
            self.run = run
            self.name = name
            self.contentType = contentType
            self.bytes = bytes
            self.author = author
            self.key = key
        }
    }

    public struct AppendUpload: Method {
        public static let name = "append-upload"
        public static let summary =
            "Adds a piece behind what came; what came already is left as it is."
        public static let traits = MethodTraits.keyed.callers(
            "orchestrator", "gateway", "sandbox", "providers")
        public typealias Reply = Upload

        public var id: String
        public var owner: String
        /// Where the piece begins, in bytes.
        public var offset: Int
        public var content: [UInt8]

        public init(id: String, owner: String, offset: Int, content: [UInt8]) {
            self.id = id
            self.owner = owner
            self.offset = offset
            self.content = content
        }
    }

    public struct FinishUpload: Method {
        public static let name = "finish-upload"
        public static let summary = "Ends an upload: its content is checked, kept and named."
        public static let traits = MethodTraits.keyed.callers(
            "orchestrator", "gateway", "sandbox", "providers")
        public typealias Reply = Artifact

        /// The key that began it: once finished, it answers with the same artifact.
        public var key: String
        public var owner: String
        /// What the content must be, in hexadecimal.
        public var sha256: String?

        public init(key: String, owner: String, sha256: String? = nil) {
            self.key = key
            self.owner = owner
            self.sha256 = sha256
        }
    }

    public struct FindUpload: Method {
        public static let name = "upload"
        public static let summary = "Says how much of an upload has come."
        public static let traits = MethodTraits.read
        public typealias Reply = Upload

        public var id: String
        public var owner: String

        public init(id: String, owner: String) {
            self.id = id
            self.owner = owner
        }
    }

    public struct CancelUpload: Method {
        public static let name = "cancel-upload"
        public static let summary = "Forgets an upload and what came of it."
        public static let traits = MethodTraits.keyed.callers(
            "orchestrator", "gateway", "sandbox", "providers")
        public typealias Reply = Done

        public var id: String
        public var owner: String

        public init(id: String, owner: String) {
            self.id = id
            self.owner = owner
        }
    }

    /// A content on its way in.
    public struct Upload: Codable, Sendable, Equatable {
        public var id: String
        /// Bytes that have come; the next piece begins here.
        public var received: Int
        /// What became of it, when its key was finished already.
        public var artifact: Artifact?

        public init(id: String, received: Int, artifact: Artifact? = nil) {
            (self.id, self.received, self.artifact) = (id, received, artifact)
        }
    }
}
