import MeshContract

/// Why a content could not be kept or read.
enum BlobError: Error, Equatable, CustomStringConvertible {
    /// As much file work as allowed waits already.
    case overloaded
    case missing
    /// A content that is not what its name says; `what` tells how it shows.
    case damaged(what: String)
    case misnamed
    /// Nothing more fits on the disk, or what is kept free for the database would be used up.
    case full
    /// The bucket answered with a refusal of its own.
    case refused(status: Int, code: String)
    /// The bucket could not be reached, or broke off; another try may succeed.
    case unreachable(String)
    case system(doing: String, errno: Int32)

    var description: String {
        switch self {
        case .overloaded: "too much file work waits"
        case .missing: "the content is missing"
        case .damaged(let what): "the content is damaged: \(what)"
        case .misnamed: "the content's hash is none"
        case .full: "the disk is full"
        case .refused(let status, let code): "the bucket refused: \(status) \(code)"
        case .unreachable(let why): "the bucket cannot be reached: \(why)"
        case .system(let doing, let code): "\(doing): errno \(code)"
        }
    }
}

/// What a caller may know; the cause of an `internal` one is logged where it is met.
extension BlobError: FaultConvertible {
    var fault: Fault {
        switch self {
        case .overloaded: Fault(.overloaded, description, retryAfterMilliseconds: 200)
        case .full:
            Fault(
                .unavailable, "storage's disk is full; make room on it and try again",
                retryAfterMilliseconds: 5_000)
        case .unreachable: Fault(.unavailable, description, retryAfterMilliseconds: 1_000)
        case .missing, .damaged, .misnamed, .refused, .system:
            Fault(.internal, "a content cannot be kept or read; storage's log has why")
        }
    }
}
