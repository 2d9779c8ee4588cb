import CZlib

/// Sums and compression as zip files want them, by zlib.
public enum Deflate {
    /// CRC-32 of `bytes`, going on from that of what came before them.
    public static func crc32(_ bytes: [UInt8], after sum: UInt32 = 0) -> UInt32 {
        var sum = UInt(sum)
        var from = 0
        bytes.withUnsafeBufferPointer { buffer in
            while from < buffer.count {
                let count = min(buffer.count - from, 1 << 30)
                sum = CZlib.crc32(sum, buffer.baseAddress.map { $0 + from }, UInt32(count))
                from += count
            }
        }
        return UInt32(truncatingIfNeeded: sum)
    }

    /// The bytes in deflate's raw form (RFC 1951); nil when they are more than a gibibyte, or there
    /// is no memory.
    public static func compress(_ bytes: [UInt8]) -> [UInt8]? {
        guard bytes.count <= 1 << 30 else { return nil }
        var stream = z_stream()
        let begun = deflateInit2_(
            &stream, Z_BEST_COMPRESSION, Z_DEFLATED, -MAX_WBITS, 8, Z_DEFAULT_STRATEGY,
            ZLIB_VERSION, Int32(MemoryLayout<z_stream>.size))
        guard begun == Z_OK else { return nil }
        defer { deflateEnd(&stream) }
        var out = [UInt8](
            repeating: 0, count: Int(deflateBound(&stream, UInt(bytes.count))))
        var input = bytes
        let done = input.withUnsafeMutableBufferPointer { source in
            out.withUnsafeMutableBufferPointer { target in
                stream.next_in = source.baseAddress
                stream.avail_in = UInt32(source.count)
                stream.next_out = target.baseAddress
                stream.avail_out = UInt32(target.count)
                return deflate(&stream, Z_FINISH)
            }
        }
        guard done == Z_STREAM_END else { return nil }
        out.removeLast(out.count - Int(stream.total_out))
        return out
    }
}
