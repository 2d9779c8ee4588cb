import Crypto
import Glibc

/// Contents in files under their own hash, `blobs/ab/cdef…`: the same content is kept once, and a
/// file that has its name is whole.
///
/// One process owns the folder. Writes and removals share one thread, so none meets another.
struct BlobStore: Sendable {
    /// An unnamed content this old has nobody left who is about to name it.
    static let orphanAge: Int64 = 3_600_000

    let folder: String
    private let now: @Sendable () -> Int64
    private let writing: FileQueue
    private let reading: FileQueue

    init(
        folder: String, queue limit: Int, now: @escaping @Sendable () -> Int64
    ) throws(BlobError) {
        (self.folder, self.now) = (folder, now)
        writing = FileQueue(limit: limit)
        reading = FileQueue(limit: limit)
        try Files.makeFolder(folder)
        try Files.makeFolder(drafts)
        // All at once, so that no write has to wonder whether its folder's name is on disk.
        for byte in UInt8.min...UInt8.max { try Files.makeFolder(part(byte)) }
        try Files.sync(folder: folder)
    }

    private var drafts: String { folder + "/drafts" }
    private func part(_ byte: UInt8) -> String { "\(folder)/\(Hex.encode([byte]))" }
    private func path(_ hash: BlobHash) -> String { "\(folder)/\(hash.prefix)/\(hash.rest)" }

    /// Hashes on the writing thread: the bytes are there on their way to the disk anyway.
    func hash(of content: [UInt8]) async throws(BlobError) -> BlobHash {
        try await writing.run { () throws(BlobError) in BlobHash(of: content) }
    }

    /// Puts `content` on disk, name included; once it returns, a power cut leaves it there.
    func keep(_ content: [UInt8], as hash: BlobHash) async throws(BlobError) {
        try await writing.run { () throws(BlobError) in
            let (file, parent) = (path(hash), "\(folder)/\(hash.prefix)")
            if try Files.size(of: file) == content.count {
                // Young again: the sweep leaves it to the row that is about to name it.
                try Files.setAge(of: file, to: now())
                return try Files.sync(folder: parent)  // who wrote it may have died before this
            }
            let draft = "\(drafts)/\(hash.hex)"
            do throws(BlobError) {
                try Files.write(content, to: draft)
                try Files.setAge(of: draft, to: now())
                try Files.move(draft, to: file)
            } catch {
                unlink(draft)
                throw error
            }
            try Files.sync(folder: parent)
        }
    }

    /// A part of a content that ought to have `bytes` bytes. The range is the caller's promise.
    func read(
        _ hash: BlobHash, of bytes: Int, from offset: Int, count: Int
    ) async throws(BlobError) -> [UInt8] {
        try await reading.run { () throws(BlobError) in
            try Files.read(path(hash), of: bytes, from: offset, count: count)
        }
    }

    /// Removes what was being written when the process died; for the start only.
    func removeDrafts() async throws(BlobError) -> Int {
        try await writing.run { () throws(BlobError) in
            var count = 0
            for name in try Files.names(in: drafts) where unlink("\(drafts)/\(name)") == 0 {
                count += 1
            }
            return count
        }
    }

    /// The contents in one of the 256 folders that are old enough to be orphans.
    func aged(prefix: UInt8) async throws(BlobError) -> [BlobHash] {
        try await reading.run { () throws(BlobError) in
            var hashes: [BlobHash] = []
            for rest in try Files.names(in: part(prefix)) {
                // What has another name is not ours.
                guard let hash = try? BlobHash(Hex.encode([prefix]) + rest) else { continue }
                if try isOld(hash) { hashes.append(hash) }
            }
            return hashes
        }
    }

    /// Removes what is still old: a `keep` since the sweep looked has made it young.
    func removeOrphan(_ hash: BlobHash) async throws(BlobError) -> Bool {
        try await writing.run { () throws(BlobError) in
            try isOld(hash) && unlink(path(hash)) == 0
        }
    }

    private func isOld(_ hash: BlobHash) throws(BlobError) -> Bool {
        guard let at = try Files.age(of: path(hash)) else { return false }
        return at <= now() - Self.orphanAge
    }
}
