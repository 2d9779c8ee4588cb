import Contracts
import MeshContract

/// The part of a content that one answer carries; always within it.
struct PieceRange: Equatable {
    /// The most that one answer carries.
    static let maxBytes = PieceSums.pieceBytes

    let offset: Int
    let count: Int
    /// The whole pieces around it, which are read to be checked.
    let pieces: Range<Int>

    /// A piece at the end is as long as what is left; past the end there is none.
    init(_ request: Storage.ReadContent, of total: Int) throws(Fault) {
        guard (0...total).contains(request.offset) else {
            throw .refusing("/offset", "is from 0 to \(total)")
        }
        guard request.length > 0 else { throw .refusing("/length", "is at least 1") }
        let count = min(request.length, Self.maxBytes, total - request.offset)
        self.init(request.offset..<request.offset + count, of: total)
    }

    /// A part that is known to lie within a content of `total` bytes.
    init(_ part: Range<Int>, of total: Int) {
        (offset, count) = (part.lowerBound, part.count)
        let first = offset / PieceSums.pieceBytes
        pieces = count == 0 ? first..<first : first..<PieceSums.count(of: offset + count)
    }

    /// The bytes of the whole pieces in a content of `total` bytes.
    func aligned(in total: Int) -> Range<Int> {
        let end = min(pieces.upperBound * PieceSums.pieceBytes, total)
        return min(pieces.lowerBound * PieceSums.pieceBytes, end)..<end
    }
}
