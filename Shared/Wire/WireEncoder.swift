/// Encodes values as CBOR (RFC 8949) in the profile of the mesh: definite lengths, shortest heads,
/// keys in the order of declaration.
///
/// Coders are pooled and every call has its own, so any number of tasks may encode at once. A
/// value's containers must be written one after the other, as synthesized code does: writing to
/// one after another was begun inside the same parent is refused as `.interleaved`.
public enum WireEncoder {
    /// The document of a value.
    public static func encode<T: Encodable>(_ value: T) throws(WireError) -> [UInt8] {
        try withDocument(value) { bytes throws(WireError) in [UInt8](bytes) }
    }

    /// Appends the document of a value, for frames that put something in front; on an error
    /// nothing is appended.
    public static func encode<T: Encodable>(
        _ value: T, appendingTo buffer: inout [UInt8]
    ) throws(WireError) {
        try withDocument(value) { bytes throws(WireError) in
            buffer.append(contentsOf: bytes)
        }
    }

    /// The one document that equal values share: RFC 8949 section 4.2.1, with keys in the order of
    /// their bytes and floats in the shortest form that keeps them exact. For hashes, signatures
    /// and cache keys.
    public static func canonical<T: Encodable>(_ value: T) throws(WireError) -> [UInt8] {
        try withDocument(value) { bytes throws(WireError) in try Canonical.form(of: bytes) }
    }

    private static func withDocument<T: Encodable, Result>(
        _ value: T, _ body: (UnsafeRawBufferPointer) throws(WireError) -> Result
    ) throws(WireError) -> Result {
        var core = EncoderCore.pool.take() ?? EncoderCore()
        defer {
            core.state.pointee.reset()
            // An encoder that escaped keeps its core to itself, and finds every place closed.
            if isKnownUniquelyReferenced(&core) { EncoderCore.pool.give(core) }
        }
        return try core.document(value, body)
    }
}
