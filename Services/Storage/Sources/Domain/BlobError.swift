import MeshContract

/// Why a content could not be kept or read.
enum BlobError: Error, Equatable, CustomStringConvertible {
    /// As much file work as allowed waits already.
    case overloaded
    case missing
    case damaged(expected: Int, found: Int)
    case misnamed
    case system(doing: String, errno: Int32)

    var description: String {
        switch self {
        case .overloaded: "too much file work waits"
        case .missing: "the content's file is missing"
        case .damaged(let expected, let found):
            "the content's file has \(found) bytes instead of \(expected)"
        case .misnamed: "the content's hash is none"
        case .system(let doing, let code): "\(doing): errno \(code)"
        }
    }

    var overload: Fault {
        Fault(.overloaded, description, retryAfterMilliseconds: 200)
    }
}
