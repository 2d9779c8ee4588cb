/// Where contents lie: a folder, or a bucket. Whoever calls sees to it that one content is not kept
/// and removed at the same time.
protocol BlobBackend: Sendable {
    /// Makes the finished draft file the content of that name, for good: once it returns, a power
    /// cut leaves it there. The draft may be moved away, or stay.
    func keep(draft: String, as identity: Identity) async throws
    /// The same for a small content that is in memory.
    func keep(_ content: [UInt8], as identity: Identity) async throws
    /// What `work` makes of a part of a content that has `bytes` bytes, off the caller's loop.
    /// `missing` and `damaged` where it is not so.
    func read<T: Sendable>(
        _ hash: BlobHash, of bytes: Int, _ part: Range<Int>,
        then work: @escaping @Sendable ([UInt8]) throws -> T
    ) async throws -> T
    /// How long the content is; nil when it is not there.
    func size(of hash: BlobHash) async throws -> Int?
    /// True when something went.
    func remove(_ hash: BlobHash) async throws -> Bool
    /// The contents whose hash begins with this byte, with or without a row that names them.
    func contents(startingWith byte: UInt8) async throws -> [BlobHash]
}

extension BlobBackend {
    /// The part itself.
    func read(_ hash: BlobHash, of bytes: Int, _ part: Range<Int>) async throws -> [UInt8] {
        try await read(hash, of: bytes, part) { $0 }
    }
}
