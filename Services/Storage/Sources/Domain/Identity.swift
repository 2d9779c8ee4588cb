import Contracts
import MeshContract

/// A content as it is known: its hash, its length and how a part of it is checked.
struct Identity: Sendable, Equatable {
    let hash: BlobHash
    let bytes: Int
    let sums: PieceSums
}
