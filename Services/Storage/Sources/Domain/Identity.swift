import Contracts
import MeshContract

/// A content as it is known: its hash, its length and how a part of it is checked.
struct Identity: Sendable, Equatable {
    let hash: BlobHash
    let bytes: Int
    let sums: PieceSums
    /// As zip files want it; nil where nobody has worked it out yet.
    let crc32: UInt32?
}
