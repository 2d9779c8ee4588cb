extension Scope {
    /// One spelling for each set: names with commas.
    public static func text(_ scopes: Set<Scope>) -> String {
        allCases.filter(scopes.contains).map(\.rawValue).joined(separator: ",")
    }

    /// The scopes of a text; words that are none of them are passed over.
    public static func set(_ text: String) -> Set<Scope> {
        Set(text.split(separator: ",").compactMap { Scope(rawValue: String($0)) })
    }
}

extension Identity {
    /// True where the credentials count: those that are no API key count everywhere, and what may be
    /// changed may be looked at.
    public func allows(_ scope: Scope) -> Bool {
        guard let scopes else { return true }
        return scopes.contains(scope) || (scope == .read && scopes.contains(.write))
    }
}
