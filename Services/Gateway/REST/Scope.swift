/// What an API key is allowed to do: each endpoint names the one that it takes.
public enum Scope: String, Sendable, CaseIterable, Codable {
    /// Looks, and changes nothing.
    case read
    /// Makes, changes and deletes what is the user's.
    case write
    /// Asks models through the interfaces under `/v1`.
    case models
    /// Acts on accounts, keys and the instance itself.
    case admin

    /// What an endpoint takes that says nothing else.
    init(method: String, path: String, access: Access, isRoot: Bool) {
        if access == .admin {
            self = .admin
        } else if isRoot && path.hasPrefix("/v1/") {
            self = .models
        } else {
            self = method == "GET" || method == "HEAD" ? .read : .write
        }
    }
}

extension Endpoint {
    /// The same with another scope than its method suggests.
    public func scoped(_ scope: Scope) -> Endpoint {
        changed { $0.scope = scope }
    }
}
