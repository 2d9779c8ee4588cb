import FoundationEssentials

extension WireWriter {
    /// Byte strings from this length on are kept by reference until the document is complete.
    @usableFromInline static var pieceBytes: Int { 1 << 14 }

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

    /// What few documents have: byte strings beside the buffer, or a value that cannot be written.
    @usableFromInline
    final class Extras {
        /// The long byte strings in the order of the document, copied only once, at the end.
        var pieces: [Piece] = []
        /// The bytes of all pieces together.
        var bytes = 0
        /// The first value that could not be written; the encoder throws it at the end.
        var failure: WireError?
    }

    /// An error behind a reference.
    @usableFromInline
    final class Trouble {
        @usableFromInline let error: WireError

        init(_ error: WireError) { self.error = error }
    }

    private mutating func needExtras() -> Extras {
        if let extras { return extras.takeUnretainedValue() }
        let new = Extras()
        extras = Unmanaged.passRetained(new)
        return new
    }

    mutating func dropExtras() {
        extras?.release()
        extras = nil
    }

    /// The first value that could not be written.
    var failure: WireError? { extras?.takeUnretainedValue().failure }

    /// Notes an error for the end of the call; the first one counts.
    mutating func note(_ error: WireError) {
        let extras = needExtras()
        if extras.failure == nil { extras.failure = error }
    }

    /// How long the document is so far.
    var length: Int { count + (extras?.takeUnretainedValue().bytes ?? 0) }

    mutating func keep(_ content: Piece.Content) {
        let kept = needExtras()
        let piece = Piece(at: count, content: content)
        kept.pieces.append(piece)
        kept.bytes += piece.count
    }

    /// Makes up for bytes that were inserted at `place`.
    mutating func shiftPieces(from place: Int, by extra: Int) {
        guard let extras = extras?.takeUnretainedValue() else { return }
        for index in extras.pieces.indices where extras.pieces[index].at > place {
            extras.pieces[index].at += extra
        }
    }

    /// Takes back everything after `place`.
    mutating func rewind(to place: Int) {
        count = place
        guard let extras = extras?.takeUnretainedValue() else { return }
        while let last = extras.pieces.last, last.at > place {
            extras.bytes -= last.count
            extras.pieces.removeLast()
        }
    }

    /// Throws what was noted while writing, and what reading the document again would find.
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
        guard extras != nil else {
            return try body(UnsafeRawBufferPointer(start: base, count: count))
        }
        return try joined().withUnsafeBufferPointer { whole throws(WireError) in
            try body(UnsafeRawBufferPointer(whole))
        }
    }

    /// Appends the document to what somebody else has begun, each piece copied once.
    func append(to buffer: inout [UInt8]) {
        buffer.reserveCapacity(buffer.count + length)
        var from = 0
        for piece in extras?.takeUnretainedValue().pieces ?? [] {
            buffer.append(
                contentsOf: UnsafeRawBufferPointer(start: base + from, count: piece.at - from))
            switch piece.content {
            case .data(let data): buffer.append(contentsOf: data)
            case .bytes(let bytes): buffer.append(contentsOf: bytes)
            }
            from = piece.at
        }
        buffer.append(contentsOf: UnsafeRawBufferPointer(start: base + from, count: count - from))
    }

    /// The document with its pieces in place.
    @usableFromInline
    func joined() -> [UInt8] {
        let pieces = extras?.takeUnretainedValue().pieces ?? []
        return [UInt8](unsafeUninitializedCapacity: length) { target, filled in
            guard let start = target.baseAddress.map(UnsafeMutableRawPointer.init) else { return }
            var from = 0
            for piece in pieces {
                (start + filled).copyMemory(from: base + from, byteCount: piece.at - from)
                filled += piece.at - from
                piece.copy(to: start + filled)
                filled += piece.count
                from = piece.at
            }
            (start + filled).copyMemory(from: base + from, byteCount: count - from)
            filled += count - from
        }
    }
}
