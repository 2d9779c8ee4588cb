/// Why bytes were refused, or why a value could not be written: what is wrong and where.
///
/// It names keys of the schema and byte offsets, never the values found there, so it can be logged.
public struct WireError: Error, Sendable, Equatable {
    /// What is wrong; the raw value is stable and fit for logs and metrics.
    public enum Code: String, Sendable, CaseIterable {
        /// The document ends inside an item.
        case truncated = "truncated"
        /// A length or count promises more than what remains.
        case lengthTooLarge = "length exceeds the document"
        /// The document is larger than `WireLimits.documentBytes`.
        case documentTooLarge = "document too large"
        /// Arrays, maps or tags are nested beyond `WireLimits`.
        case tooDeep = "nested too deep"
        /// An indefinite length, or a break outside of one.
        case indefinite = "indefinite length"
        /// A head that RFC 8949 reserves.
        case reserved = "reserved head"
        /// An integer, length, count or tag that is not in its shortest form.
        case notMinimal = "not in shortest form"
        /// A text string that is not UTF-8.
        case invalidUTF8 = "invalid UTF-8"
        /// The same key twice in one map.
        case duplicateKey = "duplicate key"
        /// A map key that is neither text nor an integer.
        case keyType = "key is neither text nor integer"
        /// Bytes after the one item of the document.
        case trailing = "bytes after the document"
        /// Another kind of item than the type asks for.
        case typeMismatch = "type mismatch"
        /// A number that the type cannot hold.
        case numberRange = "number out of range"
        /// A date that is not finite or outside of the years 0 to 9999.
        case dateRange = "date out of range"
        /// A well-formed item that its type refuses, for example an unknown enum case.
        case invalidValue = "invalid value"
        /// A key that the type needs is not there.
        case missingKey = "missing key"
        /// A value that the type needs is not there: null, or past the end of an array.
        case missingValue = "missing value"
        /// A container was written to after something else followed it, or a value written twice.
        case interleaved = "container used out of order"
        /// A coder or container was used after the call that lent it had ended.
        case ended = "coder used after its end"
        /// A direct `init(from:)` or `encode(to:)` handled less or more than one item.
        case unbalanced = "direct coding does not match one item"
    }

    /// What is wrong.
    public let code: Code
    /// The offset of the offending byte, from the start of the document.
    public let offset: Int
    /// The keys that lead to it, such as `events[3].name`; empty where it is not known.
    public let path: String

    /// Creates an error; direct coders use `WireReader.failure(_:key:)`, which knows the offset.
    public init(_ code: Code, offset: Int, path: String = "") {
        self.code = code
        self.offset = offset
        self.path = path
    }
}

extension WireError: CustomStringConvertible {
    /// A sentence for a log line: `missing key at byte 17 in events[3].name`.
    public var description: String {
        let place = path.isEmpty ? "" : " in \(path)"
        return "\(code.rawValue) at byte \(offset)\(place)"
    }
}

extension WireError {
    /// The same error seen from the container that holds `key`.
    func inside(key: some CodingKey) -> WireError {
        inside(step: Self.step(key))
    }

    /// The same error seen from the array that holds element `index`.
    @usableFromInline @inline(never)
    func inside(index: Int) -> WireError {
        inside(step: "[\(index)]")
    }

    private func inside(step: String) -> WireError {
        let joint = path.isEmpty || path.hasPrefix("[") ? "" : "."
        return WireError(code, offset: offset, path: step + joint + path)
    }

    /// A key as part of a path, cut short because dictionary keys come from the document.
    static func step(_ key: some CodingKey) -> String {
        let name = key.stringValue
        return name.utf8.count <= 64 ? name : String(name.prefix(48)) + "…"
    }

    /// Any error of a coding call, as the one error that this module throws.
    ///
    /// Descriptions of foreign errors are dropped: they quote the values they complain about.
    init(mapping error: any Error, offset: Int) {
        switch error {
        case let known as WireError: self = known
        case let decoding as DecodingError: self.init(decoding: decoding, offset: offset)
        case EncodingError.invalidValue(_, let context):
            self.init(.invalidValue, offset: offset, path: Self.path(context.codingPath))
        default: self.init(.invalidValue, offset: offset)
        }
    }

    /// The error that the standard library's own decoding code throws.
    init(decoding error: DecodingError, offset: Int) {
        switch error {
        case .keyNotFound(let key, let context):
            self.init(.missingKey, offset: offset, path: Self.path(context.codingPath + [key]))
        case .valueNotFound(_, let context):
            self.init(.missingValue, offset: offset, path: Self.path(context.codingPath))
        case .typeMismatch(_, let context):
            self.init(.typeMismatch, offset: offset, path: Self.path(context.codingPath))
        case .dataCorrupted(let context):
            self.init(.invalidValue, offset: offset, path: Self.path(context.codingPath))
        @unknown default: self.init(.invalidValue, offset: offset)
        }
    }

    private static func path(_ keys: [any CodingKey]) -> String {
        keys.map { step($0) }.joined(separator: ".")
    }
}
