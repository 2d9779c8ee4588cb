public import Database
public import MeshContract

/// A database that is full for the moment or closing says so to a caller, who may try again; every
/// other refusal is ours to explain in the log.
extension DatabaseError: FaultConvertible {
    public var fault: Fault {
        switch self {
        case .overloaded(let limit):
            Fault(.overloaded, "\(limit) database jobs wait", retryAfterMilliseconds: 500)
        case .closed: Fault(.unavailable, "the service is stopping")
        default: Fault(.internal, "the database refused; the log has why")
        }
    }
}
