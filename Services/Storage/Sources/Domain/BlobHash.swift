import Crypto

/// The name of a content: its SHA-256 in lower-case hexadecimal, and therefore never a path that
/// leads elsewhere.
struct BlobHash: Sendable, Hashable {
    let hex: String

    /// The hash of `content`; as long as eight mebibytes take, so not on an event loop.
    init(of content: [UInt8]) { hex = SHA256.hex(content) }

    /// Nothing else than 64 lower-case hexadecimal digits is a hash.
    init(_ hex: String) throws(BlobError) {
        let isHash =
            hex.utf8.count == 64
            && hex.utf8.allSatisfy { (48...57).contains($0) || (97...102).contains($0) }
        guard isHash else { throw .misnamed }
        self.hex = hex
    }

    /// The folder of the first byte: 256 of them keep each one short.
    var prefix: String { String(hex.prefix(2)) }
    var rest: String { String(hex.dropFirst(2)) }
}
