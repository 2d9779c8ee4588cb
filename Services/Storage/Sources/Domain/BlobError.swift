import Contracts
import Log
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

    /// What the caller may know; the rest goes to the log.
    func fault(about artifact: Storage.Artifact, log: Log) -> Fault {
        if self == .overloaded { return overload }
        log.error(
            "a content cannot be read",
            ["artifact": artifact.id, "sha256": artifact.sha256, "error": description])
        return Fault(.internal, "the content of \(artifact.id) cannot be read")
    }

    var overload: Fault {
        Fault(.overloaded, description, retryAfterMilliseconds: 200)
    }
}
