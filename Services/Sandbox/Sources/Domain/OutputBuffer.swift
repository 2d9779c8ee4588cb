/// Keeps the first bytes of a stream and forgets the rest.
struct OutputBuffer {
    private var bytes: [UInt8] = []
    private let limit: Int
    private(set) var isTruncated = false

    init(limit: Int) { self.limit = limit }

    mutating func append(_ more: some Collection<UInt8>) {
        let room = limit - bytes.count
        if more.count > room { isTruncated = true }
        bytes.append(contentsOf: more.prefix(room))
    }

    /// What is no UTF-8 is replaced by U+FFFD; a character that the cut went through is left out.
    var text: String {
        guard isTruncated else { return String(decoding: bytes, as: UTF8.self) }
        return String(decoding: bytes.dropLast(unfinished), as: UTF8.self)
    }

    /// How many bytes at the end begin a character and do not end it.
    private var unfinished: Int {
        for (index, byte) in bytes.suffix(3).reversed().enumerated() where byte & 0xc0 != 0x80 {
            let wanted = byte >= 0xf0 ? 4 : byte >= 0xe0 ? 3 : byte >= 0xc0 ? 2 : 1
            return wanted > index + 1 ? index + 1 : 0
        }
        return 0
    }
}
