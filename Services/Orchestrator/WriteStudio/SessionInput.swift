public import Refinement

/// What a Write session's run begins with; journaled whole, so that a replay needs nothing else.
public struct SessionInput: Codable, Sendable, Equatable {
    /// Where its template was taken from.
    public struct Source: Codable, Sendable, Equatable {
        /// A preset's or a saved template's id; nil for agents that were given with the request.
        public var id: String?
        /// The saved template's version; nil for the built-in ones.
        public var version: Int?
        public var name: String

        public init(id: String?, version: Int? = nil, name: String) {
            (self.id, self.version, self.name) = (id, version, name)
        }
    }

    public var user: String
    public var title: String
    public var template: Template
    public var source: Source
    public var draft: String
    public var references: [Material]
    public var locks: [String]
    /// Changes that were turned down in the session that this one continues.
    public var refused: [Refusal]
    /// The session that this one continues.
    public var continues: String?
    /// The user's own name for what it belongs to. Absent from journals of before there was one.
    public var project: String?

    public init(
        user: String, title: String, template: Template, source: Source, draft: String,
        references: [Material] = [], locks: [String] = [], refused: [Refusal] = [],
        continues: String? = nil, project: String? = nil
    ) {
        (self.user, self.title, self.template) = (user, title, template)
        (self.source, self.draft, self.references) = (source, draft, references)
        (self.locks, self.refused, self.continues) = (locks, refused, continues)
        self.project = project
    }

    /// A plan as the run of it: what a session is without a template of its own.
    public init(user: String, plan: SessionPlan, draft: String, references: [Material]) {
        let name = plan.preset.flatMap { Preset.named($0)?.name } ?? "Own agents"
        self.init(
            user: user, title: plan.title, template: Template(plan, name: name),
            source: Source(id: plan.preset, name: name), draft: draft, references: references)
    }
}
