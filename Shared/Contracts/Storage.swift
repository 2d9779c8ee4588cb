public import MeshContract

/// The keeper of documents: content by its hash, names and versions above it.
public enum Storage: MeshService {
    public static let name = "storage"
    public static let contract = Contract(
        Self.self, PutDocument.self, GetArtifact.self, ListArtifacts.self, ReadContent.self,
        ListVersions.self, RemoveArtifact.self, BeginUpload.self, AppendUpload.self,
        FinishUpload.self, FindUpload.self, CancelUpload.self, GetUsage.self, SetQuota.self,
        MakeLink.self, OpenLink.self, ListLinks.self, RevokeLink.self, AddRetention.self,
        ListRetention.self, RemoveRetention.self, Verify.self, Export.self, GetTree.self,
        ReadTree.self, Render.self, CompareVersions.self)
    public protocol Method: MeshMethod where Service == Storage {}

    /// The most that one document may hold, in bytes.
    public static let maxDocumentBytes = 8 << 20

    public struct PutDocument: Method {
        public static let name = "put"
        public static let summary = "Keeps a document by content hash, once per key."
        public static let traits = MethodTraits.keyed.callers("orchestrator", "gateway")
        public typealias Reply = Artifact

        public var owner: String
        public var run: String?
        public var name: String
        public var contentType: String
        public var content: [UInt8]
        public var key: String
        /// Who wrote it: `agent:<name>` or `user:<id>`.
        public var author: String?

        public init(
            owner: String, run: String?, name: String, contentType: String, content: [UInt8],
            key: String, author: String? = nil
        ) {
            (self.owner, self.run, self.name) = (owner, run, name)
            (self.contentType, self.content, self.key) = (contentType, content, key)
            self.author = author
        }
    }

    public struct GetArtifact: Method {
        public static let name = "get"
        public static let summary = "Answers with what is known of an artifact."
        public static let traits = MethodTraits.read
        public typealias Reply = Artifact

        public var id: String

        public init(id: String) { self.id = id }
    }

    public struct ListArtifacts: Method {
        public static let name = "list"
        public static let summary = "Lists the artifacts of a run, oldest first."
        public static let traits = MethodTraits.read
        public typealias Reply = ArtifactList

        public var run: String
        public var limit: Int

        public init(run: String, limit: Int) { (self.run, self.limit) = (run, limit) }
    }

    public struct ListVersions: Method {
        public static let name = "versions"
        public static let summary = "Lists the versions of an artifact's document, newest first."
        public static let traits = MethodTraits.read
        public typealias Reply = ArtifactList

        /// Any version of the document.
        public var id: String
        public var limit: Int

        public init(id: String, limit: Int) { (self.id, self.limit) = (id, limit) }
    }

    public struct RemoveArtifact: Method {
        public static let name = "remove"
        public static let summary = "Forgets an artifact; its content goes when nobody names it."
        public static let traits = MethodTraits.keyed.callers("orchestrator", "gateway")
        public typealias Reply = Done

        public var id: String
        public var owner: String

        public init(id: String, owner: String) { (self.id, self.owner) = (id, owner) }
    }

    public struct ReadContent: Method {
        public static let name = "read"
        public static let summary = "Answers with a piece of an artifact's content."
        public static let traits = MethodTraits.read
        public typealias Reply = Piece

        public var id: String
        public var offset: Int
        /// At most a mebibyte is sent at once.
        public var length: Int

        public init(id: String, offset: Int, length: Int) {
            (self.id, self.offset, self.length) = (id, offset, length)
        }
    }
}

extension Storage {
    public struct Artifact: Codable, Sendable, Equatable {
        public var id: String
        public var owner: String
        public var run: String?
        public var name: String
        public var contentType: String
        public var bytes: Int
        /// Lower-case hexadecimal.
        public var sha256: String
        /// Counts from 1 within a run and name.
        public var version: Int
        /// Wall milliseconds.
        public var createdAt: Int64
        /// Who wrote it, where that was said: `agent:<name>` or `user:<id>`.
        public var author: String?

        public init(
            id: String, owner: String, run: String?, name: String, contentType: String, bytes: Int,
            sha256: String, version: Int, createdAt: Int64, author: String? = nil
        ) {
            (self.id, self.owner, self.run, self.name) = (id, owner, run, name)
            (self.contentType, self.bytes, self.sha256) = (contentType, bytes, sha256)
            (self.version, self.createdAt, self.author) = (version, createdAt, author)
        }
    }

    public struct ArtifactList: Codable, Sendable, Equatable {
        public var artifacts: [Artifact]

        public init(artifacts: [Artifact]) { self.artifacts = artifacts }
    }

    public struct Piece: Codable, Sendable, Equatable {
        public var content: [UInt8]
        public var total: Int

        public init(content: [UInt8], total: Int) { (self.content, self.total) = (content, total) }
    }
}
