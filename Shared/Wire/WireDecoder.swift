/// Decodes values from CBOR (RFC 8949), refusing whatever is outside of the profile of the mesh.
///
/// For `Codable` code the whole document is validated before the first value is read, so hostile
/// bytes meet one small loop; a `WireCodable` type reads and checks in one pass. Either way the
/// same documents are refused for the same reason. Unknown keys are ignored, and a missing
/// optional is nil.
public enum WireDecoder {
    /// Decodes the one value of a document.
    public static func decode<T: Decodable>(
        _ type: T.Type, from bytes: [UInt8]
    ) throws(WireError) -> T {
        try bytes.withUnsafeBufferPointer { buffer throws(WireError) in
            try decode(type, from: UnsafeRawBufferPointer(buffer))
        }
    }

    /// Decodes the one value of a document that someone else owns, such as a message of a
    /// transport. Nothing that is decoded refers to the buffer afterwards.
    public static func decode<T: Decodable>(
        _ type: T.Type, from bytes: UnsafeRawBufferPointer
    ) throws(WireError) -> T {
        guard let base = bytes.baseAddress?.assumingMemoryBound(to: UInt8.self), bytes.count > 0
        else { throw WireError(.truncated, offset: 0) }
        let core = DecoderCore.take()
        defer { core.give() }
        return try core.document(type, base, bytes.count)
    }

    /// Decodes the one value of a document by the type's own coding.
    @inlinable
    public static func decode<T: WireCodable>(
        _ type: T.Type, from bytes: [UInt8]
    ) throws(WireError) -> T {
        try bytes.withUnsafeBufferPointer { buffer throws(WireError) in
            try decode(type, from: UnsafeRawBufferPointer(buffer))
        }
    }

    /// Decodes the one value of a document by the type's own coding.
    @inlinable
    public static func decode<T: WireCodable>(
        _ type: T.Type, from bytes: UnsafeRawBufferPointer
    ) throws(WireError) -> T {
        guard let base = bytes.baseAddress?.assumingMemoryBound(to: UInt8.self), bytes.count > 0
        else { throw WireError(.truncated, offset: 0) }
        guard bytes.count <= WireLimits.documentBytes else {
            throw WireError(.documentTooLarge, offset: WireLimits.documentBytes)
        }
        var reader = WireReader(unchecked: base, count: bytes.count)
        let value: T
        do throws(WireError) {
            value = try T(from: &reader)
        } catch {
            throw reader.verdict(error)
        }
        try reader.finish()
        return value
    }
}
