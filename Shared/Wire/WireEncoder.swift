/// Encodes values as CBOR (RFC 8949) in the profile of the mesh: definite lengths, shortest heads,
/// keys in the order of declaration.
///
/// Each thread keeps a coder and every call has its own, so any number of tasks may encode at once. A
/// value's containers must be written one after the other, as synthesized code does: writing to
/// one after another was begun inside the same parent is refused as `.interleaved`.
public enum WireEncoder {
    /// The document of a value.
    public static func encode<T: Encodable>(_ value: T) throws(WireError) -> [UInt8] {
        try withWriter(value) { writer throws(WireError) in writer.array() }
    }

    /// Appends the document of a value, for frames that put something in front; on an error
    /// nothing is appended.
    public static func encode<T: Encodable>(
        _ value: T, appendingTo buffer: inout [UInt8]
    ) throws(WireError) {
        try withWriter(value) { writer throws(WireError) in
            writer.append(to: &buffer)
        }
    }

    /// The one document that equal values share: RFC 8949 section 4.2.1, with keys in the order of
    /// their bytes and floats in the shortest form that keeps them exact. For hashes, signatures
    /// and cache keys.
    public static func canonical<T: Encodable>(_ value: T) throws(WireError) -> [UInt8] {
        try withWriter(value) { writer throws(WireError) in
            try writer.withDocument { bytes throws(WireError) in try Canonical.form(of: bytes) }
        }
    }

    /// The document of a value, by the type's own coding.
    @inlinable
    public static func encode<T: WireCodable>(_ value: T) throws(WireError) -> [UInt8] {
        var trouble: WireWriter.Trouble?
        let document = withUnsafeTemporaryAllocation(byteCount: 1024, alignment: 16) { memory in
            guard let base = memory.baseAddress else { return [UInt8]() }
            var writer = WireWriter(borrowing: base, capacity: 1024)
            value.encode(to: &writer)
            return writer.finish(&trouble)
        }
        if let trouble { throw trouble.error }
        return document
    }

    /// Appends the document of a value, by the type's own coding; on an error nothing is appended.
    @inlinable
    public static func encode<T: WireCodable>(
        _ value: T, appendingTo buffer: inout [UInt8]
    ) throws(WireError) {
        var trouble: WireWriter.Trouble?
        withUnsafeTemporaryAllocation(byteCount: 1024, alignment: 16) { memory in
            guard let base = memory.baseAddress else { return }
            var writer = WireWriter(borrowing: base, capacity: 1024)
            value.encode(to: &writer)
            writer.finish(into: &buffer, &trouble)
        }
        if let trouble { throw trouble.error }
    }

    private static func withWriter<T: Encodable, Result>(
        _ value: T, _ body: (borrowing WireWriter) throws(WireError) -> Result
    ) throws(WireError) -> Result {
        let core = EncoderCore.take()
        defer { core.give() }
        try core.document(value)
        return try body(core.state.pointee.writer)
    }
}
