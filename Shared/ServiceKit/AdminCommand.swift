public import Console
public import MeshContract

/// A verb that one service has beside those of every service. It works on the service's own data,
/// whether the service is running or not.
public struct AdminCommand<Node: ServiceNode>: Sendable {
    /// What a command has to say.
    public struct Report: Sendable {
        public var lines: [String]
        /// Decides the exit code, after the lines.
        public var failure: Fault?

        public init(_ lines: [String], failure: Fault? = nil) {
            (self.lines, self.failure) = (lines, failure)
        }
    }

    /// `show <run>`: the verb, and what it takes.
    public let usage: String
    public let summary: String
    /// The flags that it knows.
    public let flags: [String]
    private let body: @Sendable (Node, [String], Flags) async throws -> Report

    public init(
        _ usage: String, _ summary: String, flags: [String] = [],
        _ body: @escaping @Sendable (Node, [String], Flags) async throws -> Report
    ) {
        (self.usage, self.summary, self.flags, self.body) = (usage, summary, flags, body)
    }

    /// The verb itself.
    public var name: String { String(usage.prefix { $0 != " " }) }

    /// Runs with what stands behind the verb: words first, then flags.
    public func run(_ node: Node, _ arguments: [String]) async throws -> Report {
        let words = Array(arguments.prefix { !$0.hasPrefix("--") })
        let flags = try Flags(Array(arguments.dropFirst(words.count)))
        try flags.check(known: self.flags)
        let wanted = usage.split(separator: " ").dropFirst().filter { $0.hasPrefix("<") }
        guard words.count <= wanted.count else {
            throw UsageError("\(words[wanted.count]) is too much; \(usage)")
        }
        return try await body(node, words, flags)
    }
}
