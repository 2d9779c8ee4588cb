/// A dialect that can be asked which models there are.
public protocol ModelListing: Dialect {
    /// The call for a page of the list; nil for the first.
    func listCall(
        after page: String?, endpoint: Endpoint
    ) throws(UpstreamFailure) -> OutgoingCall

    func models(_ body: [UInt8]) throws(UpstreamFailure) -> ModelPage
}

/// A dialect that can be asked how many tokens a request has.
public protocol TokenCounting: Dialect {
    func countCall(
        _ request: ModelRequest, endpoint: Endpoint
    ) throws(UpstreamFailure) -> OutgoingCall

    func count(_ body: [UInt8]) throws(UpstreamFailure) -> Int
}

/// A part of a provider's list of models.
public struct ModelPage: Sendable, Equatable {
    public var models: [ListedModel]
    /// What to ask for next; nil at the end.
    public var next: String?

    public init(models: [ListedModel], next: String? = nil) {
        (self.models, self.next) = (models, next)
    }
}

/// A model as a provider lists it.
public struct ListedModel: Sendable, Equatable {
    /// The name that requests use.
    public var id: String
    public var title: String?
    /// Seconds since 1970.
    public var created: Int?
    public var owner: String?
    /// Most tokens of a request, where the list tells.
    public var inputTokens: Int?
    /// Most tokens of a reply, where the list tells.
    public var outputTokens: Int?
    /// What it can be asked for, in the provider's words (Gemini's `generateContent`).
    public var actions: [String]

    public init(
        _ id: String, title: String? = nil, created: Int? = nil, owner: String? = nil,
        inputTokens: Int? = nil, outputTokens: Int? = nil, actions: [String] = []
    ) {
        (self.id, self.title, self.created, self.owner) = (id, title, created, owner)
        (self.inputTokens, self.outputTokens) = (inputTokens, outputTokens)
        self.actions = actions
    }

    private static let most = 10_000

    /// The items that `read` understands.
    static func list(
        _ value: JSONValue?, _ read: (JSONValue) -> ListedModel?
    ) throws(UpstreamFailure) -> [ListedModel] {
        guard let items = value?.array else { throw .garbage("the reply holds no list of models") }
        return items.prefix(most).compactMap(read)
    }
}
