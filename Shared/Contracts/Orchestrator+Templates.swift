public import MeshContract

/// Workflows as data: the built-in presets, and what people keep of their own.
extension Orchestrator {
    public struct ListTemplates: Method {
        public static let name = "templates"
        public static let summary = "Lists the built-in templates and a user's own."
        public static let traits = MethodTraits.read
        public typealias Reply = TemplateList

        public var user: String

        public init(user: String) { self.user = user }
    }

    public struct GetTemplate: Method {
        public static let name = "template"
        public static let summary = "Shows a template: its newest version, or the one asked for."
        public static let traits = MethodTraits.read
        public typealias Reply = Template

        public var user: String
        public var id: String
        public var version: Int?

        public init(user: String, id: String, version: Int? = nil) {
            (self.user, self.id, self.version) = (user, id, version)
        }
    }

    /// Keeps a template, or a new version of one.
    public struct PutTemplate: Method {
        public static let name = "put-template"
        public static let summary = "Keeps a template, or its next version; the old ones stay."
        public static let traits = MethodTraits.keyed.callers("gateway")
        public typealias Reply = Template

        public var user: String
        /// Nil makes a new one.
        public var id: String?
        /// The template as JSON text.
        public var document: String
        /// The version that was changed: another one in between is a conflict. Nil does not look.
        public var version: Int?
        /// The caller's idempotency key for a new one.
        public var key: String?

        public init(
            user: String, id: String? = nil, document: String, version: Int? = nil,
            key: String? = nil
        ) {
            (self.user, self.id, self.document) = (user, id, document)
            (self.version, self.key) = (version, key)
        }
    }

    public struct CheckTemplate: Method {
        public static let name = "check-template"
        public static let summary = "Says what is wrong with a template, and keeps nothing."
        public static let traits = MethodTraits.read
        public typealias Reply = TemplateCheck

        /// The template as JSON text.
        public var document: String

        public init(document: String) { self.document = document }
    }

    public struct DeleteTemplate: Method {
        public static let name = "delete-template"
        public static let summary = "Deletes a template with its versions; runs of it go on."
        public static let traits = MethodTraits.once.callers("gateway")
        public typealias Reply = Done

        public var user: String
        public var id: String

        public init(user: String, id: String) { (self.user, self.id) = (user, id) }
    }

    public struct Template: Codable, Sendable, Equatable {
        public var id: String
        public var name: String
        public var summary: String
        public var studio: String
        /// Counts from 1; nil for the built-in ones, which never change.
        public var version: Int?
        public var isBuiltIn: Bool
        public var agents: [Agent]
        public var criteria: [Criterion]
        public var maxRounds: Int
        public var gates: Int
        /// Wall milliseconds of the first and this version; nil for the built-in ones.
        public var createdAt: Int64?
        public var updatedAt: Int64?
        /// The template as JSON text; nil in lists.
        public var document: String?

        public init(
            id: String, name: String, summary: String, studio: String, version: Int?,
            isBuiltIn: Bool, agents: [Agent], criteria: [Criterion], maxRounds: Int, gates: Int,
            createdAt: Int64?, updatedAt: Int64?, document: String?
        ) {
            (self.id, self.name, self.summary, self.studio) = (id, name, summary, studio)
            (self.version, self.isBuiltIn, self.agents) = (version, isBuiltIn, agents)
            (self.criteria, self.maxRounds, self.gates) = (criteria, maxRounds, gates)
            (self.createdAt, self.updatedAt) = (createdAt, updatedAt)
            self.document = document
        }
    }

    public struct TemplateList: Codable, Sendable, Equatable {
        public var templates: [Template]

        public init(templates: [Template]) { self.templates = templates }
    }

    public struct TemplateCheck: Codable, Sendable, Equatable {
        public struct Fault: Codable, Sendable, Equatable {
            /// A JSON pointer (RFC 6901) into the template.
            public var pointer: String
            public var message: String

            public init(pointer: String, message: String) {
                (self.pointer, self.message) = (pointer, message)
            }
        }

        public var faults: [Fault]

        public init(faults: [Fault]) { self.faults = faults }
    }
}
