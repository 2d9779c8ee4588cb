import Crypto
import ServiceKit
import Zip

/// Contents under their own hash: the same content is kept once, and what is read is what was
/// written. One process owns the store.
struct BlobStore: Sendable {
    let drafts: Drafts
    let claims = Claims()
    private let backend: any BlobBackend
    private let threads: BlockingPool

    init(_ backend: any BlobBackend, drafts: Drafts, on threads: BlockingPool) {
        (self.backend, self.drafts, self.threads) = (backend, drafts, threads)
    }

    /// What a content in memory is; off the caller's loop, for it may have megabytes.
    func identify(_ content: [UInt8]) async throws -> Identity {
        try await threads.run {
            var sums: [UInt8] = []
            if content.count > PieceSums.pieceBytes {
                for from in stride(from: 0, to: content.count, by: PieceSums.pieceBytes) {
                    let end = min(from + PieceSums.pieceBytes, content.count)
                    sums += SHA256.digest(Array(content[from..<end]))
                }
            }
            return Identity(
                hash: BlobHash(of: content), bytes: content.count, sums: PieceSums(sums),
                crc32: Deflate.crc32(content))
        }
    }

    /// Keeps a content and runs `name`, which gives it a name: the sweep cannot come between.
    func keep<T>(
        _ content: [UInt8], as identity: Identity, name: () async throws -> T
    ) async throws -> T {
        try await claims.holding(identity.hash) {
            try await backend.keep(content, as: identity)
            return try await name()
        }
    }

    /// The same for a finished draft, which is gone afterwards.
    func keep<T>(
        draft id: String, as identity: Identity, name: () async throws -> T
    ) async throws -> T {
        let named = try await claims.holding(identity.hash) {
            try await backend.keep(draft: drafts.path(id), as: identity)
            return try await name()
        }
        try await drafts.remove(id)
        return named
    }

    /// A part of a content, checked against what was written: whole pieces are read, and the part
    /// is cut out of them.
    func read(_ identity: Identity, _ range: PieceRange) async throws -> [UInt8] {
        let aligned = range.aligned(in: identity.bytes)
        let known = identity.sums.covers(identity.bytes) && identity.bytes > PieceSums.pieceBytes
        // Without sums for its pieces, a content is checked whole; such are at most eight mebibytes.
        let part = known ? aligned : 0..<identity.bytes
        return try await backend.read(identity.hash, of: identity.bytes, part) { read in
            guard read.count == part.count else {
                throw BlobError.damaged(
                    what: "\(read.count) bytes read instead of \(part.count)")
            }
            if known {
                for number in range.pieces {
                    let from = number * PieceSums.pieceBytes - part.lowerBound
                    let end = min(from + PieceSums.pieceBytes, read.count)
                    guard identity.sums.matches(read[from..<end], number: number) else {
                        throw BlobError.damaged(what: "piece \(number) has another sum")
                    }
                }
            } else if BlobHash(of: read) != identity.hash {
                throw BlobError.damaged(what: "it has another hash")
            }
            let from = range.offset - part.lowerBound
            return Array(read[from..<from + range.count])
        }
    }

    /// What is wrong with a content as it lies there, or nil. `isThorough` reads all of it.
    func check(_ identity: Identity, isThorough: Bool) async throws -> BlobError? {
        guard let size = try await backend.size(of: identity.hash) else { return .missing }
        guard size == identity.bytes else {
            return .damaged(what: "\(size) bytes instead of \(identity.bytes)")
        }
        guard isThorough else { return nil }
        var whole = RunningSHA256()
        for from in stride(from: 0, to: size, by: PieceSums.pieceBytes) {
            try Task.checkCancellation()
            let part = from..<min(from + PieceSums.pieceBytes, size)
            do {
                whole.update(try await backend.read(identity.hash, of: size, part))
            } catch let error as BlobError where error == .missing {
                return error
            }
        }
        let found = try BlobHash(Hex.encode(whole.finish()))
        return found == identity.hash ? nil : .damaged(what: "its hash is \(found.hex)")
    }

    /// A content's sum for zip files, by reading all of it.
    func crc32(of identity: Identity) async throws -> UInt32 {
        var sum: UInt32 = 0
        for from in stride(from: 0, to: identity.bytes, by: PieceSums.pieceBytes) {
            try Task.checkCancellation()
            let part = from..<min(from + PieceSums.pieceBytes, identity.bytes)
            let read = try await backend.read(identity.hash, of: identity.bytes, part)
            sum = Deflate.crc32(read, after: sum)
        }
        return sum
    }

    /// Runs work that takes long, off every loop.
    func aside<T: Sendable>(_ work: @escaping @Sendable () throws -> T) async throws -> T {
        try await threads.run(work)
    }

    func contents(startingWith byte: UInt8) async throws -> [BlobHash] {
        try await backend.contents(startingWith: byte)
    }

    /// Removes a content unless somebody is about to name it or `isNamed` says that somebody did.
    func remove(_ hash: BlobHash, unless isNamed: () async throws -> Bool) async throws -> Bool {
        try await claims.removing(hash) {
            guard try await !isNamed() else { return false }
            return try await backend.remove(hash)
        } ?? false
    }
}
