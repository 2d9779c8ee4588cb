public import MeshContract

/// What is asked of the world outside besides models: e-mail, web search, images.
extension Providers {
    public struct SendMail: Method {
        public static let name = "send-mail"
        public static let summary =
            "Takes an e-mail, once per key; it is then sent, and tried again where that may help."
        public static let traits = MethodTraits.keyed.callers("gateway", "orchestrator")
        public typealias Reply = Mail

        public var key: String
        public var user: String
        /// What the e-mail belongs to, as a run's id.
        public var about: String?
        public var to: [String]
        public var subject: String
        public var html: String
        /// The same for readers without HTML.
        public var text: String
        public var replyTo: String?
        public var attachments: [Attachment]

        public init(
            key: String, user: String, about: String? = nil, to: [String], subject: String,
            html: String, text: String, replyTo: String? = nil, attachments: [Attachment] = []
        ) {
            (self.key, self.user, self.about) = (key, user, about)
            (self.to, self.subject, self.html) = (to, subject, html)
            (self.text, self.replyTo, self.attachments) = (text, replyTo, attachments)
        }
    }

    public struct ListMails: Method {
        public static let name = "mails"
        public static let summary = "Lists a user's e-mails and what became of them, newest first."
        public static let traits = MethodTraits.read
        public typealias Reply = MailList

        public var user: String
        /// Those that belong to this alone; nil for all.
        public var about: String?
        public var limit: Int

        public init(user: String, about: String? = nil, limit: Int) {
            (self.user, self.about, self.limit) = (user, about, limit)
        }
    }

    public struct SearchWeb: Method {
        public static let name = "search"
        public static let summary = "Searches the web; answers with titles, addresses and snippets."
        public static let traits = MethodTraits.read
        public typealias Reply = SearchResults

        public var user: String
        public var words: String
        /// From 1 to 30.
        public var limit: Int

        public init(user: String, words: String, limit: Int) {
            (self.user, self.words, self.limit) = (user, words, limit)
        }
    }

    public struct MakeImage: Method {
        public static let name = "make-image"
        public static let summary = "Has an image made; the same for the same key and request."
        public static let traits = MethodTraits.keyed.callers("orchestrator", "gateway")
        public typealias Reply = Image

        public var key: String
        public var user: String
        public var prompt: String
        /// In pixels, 16 to 2048; 1024 without.
        public var width: Int?
        public var height: Int?
        /// The provider's chance; made from the key without.
        public var seed: Int?
        /// The provider's name for a model, or nil for its usual one.
        public var model: String?

        public init(
            key: String, user: String, prompt: String, width: Int? = nil, height: Int? = nil,
            seed: Int? = nil, model: String? = nil
        ) {
            (self.key, self.user, self.prompt) = (key, user, prompt)
            (self.width, self.height) = (width, height)
            (self.seed, self.model) = (seed, model)
        }
    }

    public struct ListOutside: Method {
        public static let name = "outside"
        public static let summary =
            "Tells which of e-mail, search and images are set up, or what lacks."
        public static let traits = MethodTraits.read
        public typealias Reply = OutsideList

        public init() {}
    }
}

extension Providers {
    /// A file that goes with an e-mail.
    public struct Attachment: Codable, Sendable, Equatable {
        public var name: String
        public var contentType: String
        public var content: [UInt8]

        public init(name: String, contentType: String, content: [UInt8]) {
            (self.name, self.contentType, self.content) = (name, contentType, content)
        }
    }

    /// An e-mail and what became of it.
    public struct Mail: Codable, Sendable, Equatable {
        public var id: String
        public var about: String?
        public var to: [String]
        public var subject: String
        /// `waiting`, `sent` or `failed`.
        public var state: String
        public var attempts: Int
        /// Why the last attempt failed.
        public var error: String?
        /// Wall milliseconds, like those below.
        public var createdAt: Int64
        /// When it is tried next, while it waits.
        public var nextAt: Int64?
        public var endedAt: Int64?

        public init(
            id: String, about: String?, to: [String], subject: String, state: String,
            attempts: Int, error: String?, createdAt: Int64, nextAt: Int64?, endedAt: Int64?
        ) {
            (self.id, self.about, self.to, self.subject) = (id, about, to, subject)
            (self.state, self.attempts, self.error) = (state, attempts, error)
            (self.createdAt, self.nextAt, self.endedAt) = (createdAt, nextAt, endedAt)
        }
    }

    public struct MailList: Codable, Sendable, Equatable {
        public var mails: [Mail]

        public init(mails: [Mail]) { self.mails = mails }
    }

    public struct SearchResult: Codable, Sendable, Equatable {
        public var title: String
        public var url: String
        /// A few words of the page; empty where there are none.
        public var snippet: String

        public init(title: String, url: String, snippet: String) {
            (self.title, self.url, self.snippet) = (title, url, snippet)
        }
    }

    public struct SearchResults: Codable, Sendable, Equatable {
        public var results: [SearchResult]

        public init(results: [SearchResult]) { self.results = results }
    }

    public struct Image: Codable, Sendable, Equatable {
        public var content: [UInt8]
        /// `image/jpeg`, `image/png`, `image/gif` or `image/webp`.
        public var contentType: String
        public var seed: Int

        public init(content: [UInt8], contentType: String, seed: Int) {
            (self.content, self.contentType, self.seed) = (content, contentType, seed)
        }
    }

    /// One thing outside, and whether it can be asked.
    public struct OutsideCard: Codable, Sendable, Equatable {
        /// `mail`, `search` or `image`.
        public var name: String
        public var isOn: Bool
        /// What to set, where it is off.
        public var missing: String?

        public init(name: String, isOn: Bool, missing: String?) {
            (self.name, self.isOn, self.missing) = (name, isOn, missing)
        }
    }

    public struct OutsideList: Codable, Sendable, Equatable {
        public var outside: [OutsideCard]

        public init(outside: [OutsideCard]) { self.outside = outside }
    }
}
