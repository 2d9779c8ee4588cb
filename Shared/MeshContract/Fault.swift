/// The one shape in which a failure crosses the wire. It says what the caller may know; the cause
/// is logged where it happened, under the call's id.
public struct Fault: Error, Codable, Sendable, Equatable {
    /// An open set: an old client survives a new code.
    public struct Code: RawRepresentable, Codable, Sendable, Hashable {
        public let rawValue: String
        public init(rawValue: String) { self.rawValue = rawValue }

        public static let invalid = Code(rawValue: "invalid")
        public static let unauthenticated = Code(rawValue: "unauthenticated")
        public static let denied = Code(rawValue: "denied")
        public static let notFound = Code(rawValue: "not-found")
        public static let conflict = Code(rawValue: "conflict")
        public static let noCredits = Code(rawValue: "no-credits")
        public static let capped = Code(rawValue: "capped")
        public static let limited = Code(rawValue: "limited")
        public static let overloaded = Code(rawValue: "overloaded")
        public static let unavailable = Code(rawValue: "unavailable")
        public static let upstream = Code(rawValue: "upstream")
        public static let timedOut = Code(rawValue: "timed-out")
        public static let `internal` = Code(rawValue: "internal")
    }

    public let code: Code
    public let message: String
    /// What more there is to know: a provider's own words, a limit and its number.
    public let detail: String?
    /// The fields that were refused, when `code` is `invalid`.
    public let fields: [FieldFault]?
    /// How long to wait before another try, where somebody said so.
    public let retryAfterMilliseconds: Int?
    /// True when whoever refused vouches that nothing was begun: even what must not be done twice
    /// may be asked again.
    public let notExecuted: Bool?

    public init(
        _ code: Code, _ message: String, detail: String? = nil, fields: [FieldFault]? = nil,
        retryAfterMilliseconds: Int? = nil, notExecuted: Bool? = nil
    ) {
        (self.code, self.message, self.detail) = (code, message, detail)
        (self.fields, self.retryAfterMilliseconds) = (fields, retryAfterMilliseconds)
        self.notExecuted = notExecuted
    }

    /// The same from somebody who did begin: what a callee says of itself does not hold for its
    /// caller.
    public var begun: Fault {
        guard notExecuted != nil else { return self }
        return Fault(
            code, message, detail: detail, fields: fields,
            retryAfterMilliseconds: retryAfterMilliseconds)
    }

    /// True when the same call may succeed a little later.
    public var isTransient: Bool {
        code == .overloaded || code == .unavailable || code == .timedOut
    }
}

/// An error of another module that says which fault it is to a caller.
public protocol FaultConvertible: Error {
    var fault: Fault { get }
}

/// One refused field of a request.
public struct FieldFault: Codable, Sendable, Equatable {
    /// A JSON pointer (RFC 6901), such as `/agents/0/name`.
    public let pointer: String
    public let message: String

    public init(_ pointer: String, _ message: String) {
        (self.pointer, self.message) = (pointer, message)
    }
}

extension Fault: CustomStringConvertible {
    public var description: String {
        var text = "\(code.rawValue): \(message)"
        if let detail { text += " (\(detail))" }
        for field in fields ?? [] { text += "; \(field.pointer) \(field.message)" }
        return text
    }
}
