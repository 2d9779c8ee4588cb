import Crypto
import Glibc
import ServiceKit

/// Contents in files under their own hash, `blobs/ab/cdef…`: a file that has its name is whole.
struct FolderBackend: BlobBackend {
    let folder: String
    private let threads: BlockingPool

    /// Makes the folders that are missing.
    init(folder: String, on threads: BlockingPool) throws {
        (self.folder, self.threads) = (folder, threads)
        try Files.makeFolder(folder)
        // All at once, so that no write has to wonder whether its folder's name is on disk.
        for byte in UInt8.min...UInt8.max {
            try Files.makeFolder("\(folder)/\(Hex.encode([byte]))")
        }
        try Files.sync(folder: folder)
    }

    private func parent(_ hash: BlobHash) -> String { "\(folder)/\(hash.prefix)" }
    private func path(_ hash: BlobHash) -> String { "\(folder)/\(hash.prefix)/\(hash.rest)" }

    func keep(draft: String, as identity: Identity) async throws {
        try await threads.run {
            // Who wrote what is there may have died before he synced it, or the disk lost it.
            if try Files.size(of: path(identity.hash)) != identity.bytes {
                // The draft keeps its own name until the row is there: the same call may come again.
                try Files.link(draft, to: path(identity.hash))
            }
            try Files.sync(folder: parent(identity.hash))
        }
    }

    func keep(_ content: [UInt8], as identity: Identity) async throws {
        try await threads.run {
            if try Files.size(of: path(identity.hash)) != identity.bytes {
                let draft =
                    "\(path(identity.hash)).\(UInt64.random(in: 0 ... .max)).\(getpid()).new"
                do {
                    try Files.write(content, to: draft)
                    try Files.move(draft, to: path(identity.hash))
                } catch {
                    unlink(draft)
                    throw error
                }
            }
            try Files.sync(folder: parent(identity.hash))
        }
    }

    func read<T: Sendable>(
        _ hash: BlobHash, of bytes: Int, _ part: Range<Int>,
        then work: @escaping @Sendable ([UInt8]) throws -> T
    ) async throws -> T {
        try await threads.run {
            try work(
                Files.read(path(hash), of: bytes, from: part.lowerBound, count: part.count))
        }
    }

    func size(of hash: BlobHash) async throws -> Int? {
        try await threads.run { try Files.size(of: path(hash)) }
    }

    func remove(_ hash: BlobHash) async throws -> Bool {
        try await threads.run { unlink(path(hash)) == 0 }
    }

    func contents(startingWith byte: UInt8) async throws -> [BlobHash] {
        try await threads.run {
            let names = try Files.names(in: "\(folder)/\(Hex.encode([byte]))")
            // What has another name is not ours.
            return names.compactMap { try? BlobHash(Hex.encode([byte]) + $0) }
        }
    }

    /// Removes what an earlier process left half written.
    func removeDrafts() async throws -> Int {
        try await threads.run {
            var count = 0
            for byte in UInt8.min...UInt8.max {
                let parent = "\(folder)/\(Hex.encode([byte]))"
                for name in try Files.names(in: parent)
                where name.hasSuffix(".new") && !name.hasSuffix(".\(getpid()).new") {
                    if unlink("\(parent)/\(name)") == 0 { count += 1 }
                }
            }
            return count
        }
    }
}
