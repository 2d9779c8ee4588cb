public import MeshContract
import Refinement

/// What locks have to be, for the text they are in.
public enum LockRules {
    /// What is wrong with them, by pointers below `pointer`.
    public static func faults(
        in locks: [String], document: String, at pointer: String
    ) -> [FieldFault] {
        guard locks.count <= Locks.Limit.count else {
            return [FieldFault(pointer, "are more than \(Locks.Limit.count)")]
        }
        return locks.enumerated().compactMap { index, lock in
            let at = "\(pointer)/\(index)"
            if !(1...Locks.Limit.bytes).contains(lock.utf8.count)
                || lock.allSatisfy(\.isWhitespace)
            {
                return FieldFault(at, "takes 1 to \(Locks.Limit.bytes) bytes of text")
            }
            guard Locks.count(of: lock, in: document) > 0 else {
                return FieldFault(at, "does not stand in the document: copy the passage from it")
            }
            return nil
        }
    }
}
