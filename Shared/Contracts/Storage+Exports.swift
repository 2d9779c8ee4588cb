public import MeshContract

/// Documents in other forms, and all of a run in one file.
extension Storage {
    public struct Export: Method {
        public static let name = "export"
        public static let summary = "Writes a Markdown document as md, html, docx or letter."
        public static let traits = MethodTraits.read.callers("orchestrator", "gateway").heavy
        public typealias Reply = Exported

        public var id: String
        /// `md`, `html`, `docx`, or `letter`: HTML for a mail.
        public var format: String
        /// Without one, the first heading or the name.
        public var title: String?
        /// What an inbox shows beside the subject; for a letter.
        public var preview: String?

        public init(id: String, format: String, title: String? = nil, preview: String? = nil) {
            self.id = id
            self.format = format
            self.title = title
            self.preview = preview
        }
    }

    /// As `Export`, for a document that is kept elsewhere.
    public struct Render: Method {
        public static let name = "render"
        public static let summary =
            "Writes given Markdown as md, html, docx or letter; keeps nothing."
        public static let traits = MethodTraits.read.callers("orchestrator", "gateway").heavy
        public typealias Reply = Exported

        /// The file's name without its ending.
        public var name: String
        /// UTF-8.
        public var content: [UInt8]
        /// As in `Export`.
        public var format: String
        public var title: String?
        public var preview: String?
        public var author: String?
        /// Wall milliseconds: a Word file says when it was last changed.
        public var modifiedAt: Int64

        public init(
            name: String, content: [UInt8], format: String, title: String? = nil,
            preview: String? = nil, author: String? = nil, modifiedAt: Int64
        ) {
            (self.name, self.content, self.format) = (name, content, format)
            (self.title, self.preview) = (title, preview)
            (self.author, self.modifiedAt) = (author, modifiedAt)
        }
    }

    public struct CompareVersions: Method {
        public static let name = "compare"
        public static let summary =
            "Tells what changed between two versions of a document, by words."
        public static let traits = MethodTraits.read.callers("orchestrator", "gateway").heavy
        public typealias Reply = Comparison

        /// Any version of the document.
        public var id: String
        /// A version's number; nil for the one before `to`.
        public var from: Int?
        /// A version's number; nil for that of `id`.
        public var to: Int?

        public init(id: String, from: Int? = nil, to: Int? = nil) {
            (self.id, self.from, self.to) = (id, from, to)
        }
    }

    public struct GetTree: Method {
        public static let name = "tree"
        public static let summary =
            "Says what a zip file of a run would be: the newest version of each name."
        public static let traits = MethodTraits.read.callers("orchestrator", "gateway")
        public typealias Reply = Tree

        public var run: String

        public init(run: String) {
            self.run = run
        }
    }

    public struct ReadTree: Method {
        public static let name = "read-tree"
        public static let summary = "Answers with a piece of that zip file, made as it is read."
        public static let traits = MethodTraits.read.callers("orchestrator", "gateway")
        public typealias Reply = Piece

        public var run: String
        /// What `tree` answered with: of another tree there is no piece.
        public var tag: String
        public var offset: Int
        public var length: Int

        public init(run: String, tag: String, offset: Int, length: Int) {
            self.run = run
            self.tag = tag
            self.offset = offset
            self.length = length
        }
    }

    /// A document in another form; the same bytes for the same document.
    public struct Exported: Codable, Sendable, Equatable {
        public var name: String
        public var contentType: String
        public var content: [UInt8]

        public init(name: String, contentType: String, content: [UInt8]) {
            (self.name, self.contentType, self.content) = (name, contentType, content)
        }
    }

    /// What changed from one version of a document to another.
    public struct Comparison: Codable, Sendable, Equatable {
        /// A stretch of words that stayed, went or came.
        public struct Piece: Codable, Sendable, Equatable {
            /// `same`, `removed` or `added`.
            public var kind: String
            public var text: String

            public init(kind: String, text: String) { (self.kind, self.text) = (kind, text) }
        }

        public var from: Artifact
        public var to: Artifact
        /// Those that are not `added` make the old text, those not `removed` the new one.
        public var pieces: [Piece]
        /// By lines, as `patch` reads it; empty when nothing changed, and for hundreds of thousands of
        /// lines.
        public var unified: String
        public var wordsAdded: Int
        public var wordsRemoved: Int
        /// True when the texts were too different for the shortest way from one to the other.
        public var isCoarse: Bool

        public init(
            from: Artifact, to: Artifact, pieces: [Piece], unified: String, wordsAdded: Int,
            wordsRemoved: Int, isCoarse: Bool
        ) {
            (self.from, self.to, self.pieces, self.unified) = (from, to, pieces, unified)
            (self.wordsAdded, self.wordsRemoved) = (wordsAdded, wordsRemoved)
            self.isCoarse = isCoarse
        }
    }

    /// All of a run as one zip file, which is nowhere kept.
    public struct Tree: Codable, Sendable, Equatable {
        /// Of the zip file.
        public var bytes: Int
        public var files: Int
        /// Changes with whatever is in it.
        public var tag: String

        public init(bytes: Int, files: Int, tag: String) {
            (self.bytes, self.files, self.tag) = (bytes, files, tag)
        }
    }
}
