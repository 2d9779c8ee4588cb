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
