import Crypto

/// The SHA-256 of each mebibyte of a content, so that a part of a large one can be checked without
/// reading the whole.
struct PieceSums: Sendable, Equatable {
    static let pieceBytes = 1 << 20
    private static let sumBytes = 32

    /// The sums one after another; empty for a content of one piece, whose name is its sum.
    let bytes: [UInt8]

    init(_ bytes: [UInt8]) { self.bytes = bytes }

    /// How many pieces a content of `total` bytes has.
    static func count(of total: Int) -> Int { (total + pieceBytes - 1) / pieceBytes }

    /// True when there is a sum for each piece of a content of `total` bytes.
    func covers(_ total: Int) -> Bool { bytes.count == Self.count(of: total) * Self.sumBytes }

    /// True when `piece` is the piece with that number.
    func matches(_ piece: ArraySlice<UInt8>, number: Int) -> Bool {
        let from = number * Self.sumBytes
        guard number >= 0, from + Self.sumBytes <= bytes.count else { return false }
        return SHA256.digest(Array(piece)) == Array(bytes[from..<from + Self.sumBytes])
    }
}
