/// What is wrong with a client's request, and where; each served dialect says it in its own words.
public struct InvalidRequest: Error, Sendable, Equatable {
    public enum Problem: Sendable, Equatable {
        case noJSON(String)
        case missing
        case wrongType(expected: String, got: String)
        case unknownValue(String, allowed: [String])
        /// A number outside of its range, as words like `2` and `at most`.
        case outOfRange(got: String, least: String?, most: String?)
        case tooFew(Int)
        case tooMany(Int)
        /// What is true of the API elsewhere, and not here.
        case unsupported(String)
        case other(String)
    }

    public let path: FieldPath
    public let problem: Problem

    public init(_ path: FieldPath, _ problem: Problem) {
        (self.path, self.problem) = (path, problem)
    }
}

/// The way to a field of a request.
public indirect enum FieldPath: Sendable, Equatable {
    case root
    case key(FieldPath, String)
    case index(FieldPath, Int)

    /// As OpenAI writes it: `messages[0].content`.
    public var brackets: String {
        switch self {
        case .root: ""
        case .key(.root, let key): key
        case .key(let path, let key): "\(path.brackets).\(key)"
        case .index(let path, let index): "\(path.brackets)[\(index)]"
        }
    }

    /// As Anthropic writes it: `messages.0.content`.
    public var dots: String {
        switch self {
        case .root: ""
        case .key(.root, let key): key
        case .key(let path, let key): "\(path.dots).\(key)"
        case .index(.root, let index): "\(index)"
        case .index(let path, let index): "\(path.dots).\(index)"
        }
    }

    /// RFC 6901: `/messages/0/content`.
    public var pointer: String {
        switch self {
        case .root: ""
        case .key(let path, let key): "\(path.pointer)/\(key)"
        case .index(let path, let index): "\(path.pointer)/\(index)"
        }
    }
}
