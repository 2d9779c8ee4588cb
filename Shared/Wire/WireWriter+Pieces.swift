import FoundationEssentials

extension WireWriter {
    /// Byte strings from this length on are kept by reference until the document is complete.
    static let pieceBytes = 1 << 14

    /// A byte string that belongs into the document where the buffer has reached `at`.
    struct Piece {
        enum Content {
            case data(Data)
            case bytes([UInt8])
        }

        var at: Int
        let content: Content

        var count: Int {
            switch content {
            case .data(let data): data.count
            case .bytes(let bytes): bytes.count
            }
        }

        func copy(to target: UnsafeMutableRawPointer) {
            switch content {
            case .data(let data):
                data.withUnsafeBytes { source in
                    guard let start = source.baseAddress else { return }
                    target.copyMemory(from: start, byteCount: source.count)
                }
            case .bytes(let bytes):
                bytes.withUnsafeBytes { source in
                    guard let start = source.baseAddress else { return }
                    target.copyMemory(from: start, byteCount: source.count)
                }
            }
        }
    }

    /// The pieces in the order of the document. A class, so that a writer without any stays small.
    final class Pieces {
        var list: [Piece] = []
        /// The bytes of all pieces together.
        var bytes = 0
    }

    @usableFromInline var hasPieces: Bool { pieces != nil }

    /// How long the document is so far.
    var length: Int { count + (pieces?.bytes ?? 0) }

    mutating func keep(_ content: Piece.Content) {
        let kept = pieces ?? Pieces()
        pieces = kept
        let piece = Piece(at: count, content: content)
        kept.list.append(piece)
        kept.bytes += piece.count
    }

    /// Makes up for bytes that were inserted at `place`.
    mutating func shiftPieces(from place: Int, by extra: Int) {
        guard let pieces else { return }
        for index in pieces.list.indices where pieces.list[index].at > place {
            pieces.list[index].at += extra
        }
    }

    /// Takes back everything after `place`.
    mutating func rewind(to place: Int) {
        count = place
        guard let pieces else { return }
        while let last = pieces.list.last, last.at > place {
            pieces.bytes -= last.count
            pieces.list.removeLast()
        }
    }

    /// Throws what was noted while writing, and what reading the document again would find.
    @usableFromInline
    func check() throws(WireError) {
        if let failure { throw failure }
        guard mustValidate else { return }
        try withDocument { bytes throws(WireError) in
            guard let start = bytes.baseAddress else { return }
            var validator = Validator()
            try validator.check(start.assumingMemoryBound(to: UInt8.self), count: bytes.count)
        }
    }

    /// Hands out the document in one piece.
    func withDocument<Result>(
        _ body: (UnsafeRawBufferPointer) throws(WireError) -> Result
    ) throws(WireError) -> Result {
        guard hasPieces else { return try body(UnsafeRawBufferPointer(start: base, count: count)) }
        return try joined().withUnsafeBufferPointer { whole throws(WireError) in
            try body(UnsafeRawBufferPointer(whole))
        }
    }

    /// Appends the document to what somebody else has begun, each piece copied once.
    func append(to buffer: inout [UInt8]) {
        buffer.reserveCapacity(buffer.count + length)
        var from = 0
        for piece in pieces?.list ?? [] {
            buffer.append(
                contentsOf: UnsafeBufferPointer(start: base + from, count: piece.at - from))
            switch piece.content {
            case .data(let data): buffer.append(contentsOf: data)
            case .bytes(let bytes): buffer.append(contentsOf: bytes)
            }
            from = piece.at
        }
        buffer.append(contentsOf: UnsafeBufferPointer(start: base + from, count: count - from))
    }

    /// The document with its pieces in place.
    @usableFromInline
    func joined() -> [UInt8] {
        let pieces = pieces?.list ?? []
        return [UInt8](unsafeUninitializedCapacity: length) { target, filled in
            guard let start = target.baseAddress else { return }
            var from = 0
            for piece in pieces {
                (start + filled).update(from: base + from, count: piece.at - from)
                filled += piece.at - from
                piece.copy(to: start + filled)
                filled += piece.count
                from = piece.at
            }
            (start + filled).update(from: base + from, count: count - from)
            filled += count - from
        }
    }
}
