import Crypto
import Glibc
import MeshContract
import ServiceKit
import Synchronization
import Zip

/// Contents that are still coming in, each in a file that nobody reads before it is finished.
struct Drafts: Sendable {
    private static let buffer = PieceSums.pieceBytes

    let folder: String
    /// Bytes of the disk that stay free, so that the database can always say what happened.
    let reserve: Int
    private let threads: BlockingPool
    private let busy = Busy()

    /// Makes the folder where it is missing.
    init(folder: String, reserve: Int, on threads: BlockingPool) throws {
        (self.folder, self.reserve, self.threads) = (folder, reserve, threads)
        try Files.makeFolder(folder)
    }

    /// The draft's file; ids are ours, so they are names.
    func path(_ id: String) -> String { "\(folder)/\(id)" }

    func begin(_ id: String) async throws {
        try await threads.run {
            try checkRoom(for: 0)
            try Files.write([], to: path(id))
        }
    }

    /// How much of a draft there is; nil for one that is not there.
    func received(_ id: String) async throws -> Int? {
        try await threads.run { try Files.size(of: path(id)) }
    }

    /// Adds what comes behind `offset` bytes; what is there already is left as it is. Answers with
    /// how much there is then, less than `offset` when something is missing in between.
    func append(_ content: [UInt8], to id: String, at offset: Int) async throws -> Int {
        try await holding(id) { try await add(content, to: id, at: offset) }
    }

    private func add(_ content: [UInt8], to id: String, at offset: Int) async throws -> Int {
        try await threads.run {
            guard let size = try Files.size(of: path(id)) else { throw BlobError.missing }
            guard offset <= size, offset + content.count > size else { return size }
            try checkRoom(for: content.count)
            try Files.append(content.dropFirst(size - offset), to: path(id), at: size)
            return offset + content.count
        }
    }

    /// Runs `body` while nothing is added to the draft.
    func holding<T>(_ id: String, _ body: () async throws -> T) async throws -> T {
        try busy.enter(id)
        defer { busy.leave(id) }
        return try await body()
    }

    /// Puts the draft on disk and works out what it is, in one pass.
    func finish(_ id: String) async throws -> Identity {
        try await threads.run {
            try Files.sync(file: path(id))
            guard let total = try Files.size(of: path(id)) else { throw BlobError.missing }
            var whole = RunningSHA256()
            var sums: [UInt8] = []
            var crc32: UInt32 = 0
            let isLarge = total > PieceSums.pieceBytes
            for from in stride(from: 0, to: total, by: Self.buffer) {
                let piece = try Files.read(
                    path(id), of: total, from: from, count: min(Self.buffer, total - from))
                whole.update(piece)
                crc32 = Deflate.crc32(piece, after: crc32)
                if isLarge { sums += SHA256.digest(piece) }
            }
            let hash = try BlobHash(Hex.encode(whole.finish()))
            return Identity(
                hash: hash, bytes: total, sums: PieceSums(sums), crc32: crc32)
        }
    }

    func remove(_ id: String) async throws {
        try await threads.run { _ = unlink(path(id)) }
    }

    /// The ids of all drafts there are.
    func all() async throws -> [String] { try await threads.run { try Files.names(in: folder) } }

    private func checkRoom(for bytes: Int) throws {
        guard try Files.free(at: folder) - bytes >= reserve else { throw BlobError.full }
    }
}

/// One hand at a time on a draft: what is being finished must not grow.
private final class Busy: Sendable {
    private let ids = Mutex<Set<String>>([])

    func enter(_ id: String) throws {
        guard ids.withLock({ $0.insert(id).inserted }) else {
            throw Fault(.conflict, "another piece of this upload is being written")
        }
    }

    func leave(_ id: String) { ids.withLock { _ = $0.remove(id) } }
}
