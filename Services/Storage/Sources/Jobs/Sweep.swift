import Log
import ServiceKit

/// Forgets what rules say, and removes contents that nobody names: what was written when the process
/// died before its commit, and what was forgotten.
struct Sweep: Sendable {
    static let pause = Duration.seconds(3_600)
    /// An upload that nobody touched for so long is given up, in milliseconds.
    static let uploadAge: Int64 = 7 * 86_400_000
    private static let batch = 500

    let blobs: BlobStore
    let artifacts: ArtifactStore
    let retention: RetentionStore
    let tidying: [Tidying]
    let log: Log

    /// Removes what an earlier process left half done; answers with how much that was.
    typealias Tidying = @Sendable () async throws -> Int

    /// Once, at the start. A bucket that is away then is no reason not to serve.
    func tidy() async {
        for tidying in tidying {
            do {
                let count = try await tidying()
                if count > 0 { log.info("unfinished contents removed", ["count": "\(count)"]) }
            } catch {
                log.warning("unfinished contents stay for now", ["error": "\(error)"])
            }
        }
    }

    /// Once an hour until cancelled. What fails is tried again the next time.
    func repeatedly() async throws {
        while true {
            do {
                let (forgotten, removed) = try await once()
                if forgotten + removed > 0 {
                    log.info(
                        "swept", ["forgotten": "\(forgotten)", "contents": "\(removed)"])
                }
            } catch let error as BlobError {
                log.warning("the sweep stopped early", ["error": "\(error)"])
            }
            try await Task.sleep(for: Self.pause)
        }
    }

    /// Answers with how many artifacts and how many contents went.
    func once() async throws -> (forgotten: Int, removed: Int) {
        var forgotten = 0
        while true {
            let count = try await retention.apply(limit: Self.batch)
            forgotten += count
            if count < Self.batch { break }
        }
        try await giveUpUploads()
        return (forgotten, try await removeUnnamed())
    }

    private func giveUpUploads() async throws {
        // In this order: a draft has its row before it has its file.
        let drafts = try await blobs.drafts.all()
        let left = try await artifacts.forgetUploads(
            before: artifacts.ambient.now() - Self.uploadAge)
        for id in drafts where !left.contains(id) {
            try await blobs.drafts.remove(id)
        }
    }

    /// Whoever is about to name a content holds it, and it is asked again while nobody can: a
    /// document put meanwhile keeps its content.
    private func removeUnnamed() async throws -> Int {
        var count = 0
        for byte in UInt8.min...UInt8.max {
            try Task.checkCancellation()
            let all = try await blobs.contents(startingWith: byte)
            for hash in try await artifacts.unnamed(among: all) {
                let isGone = try await blobs.remove(hash) { try await artifacts.isNamed(hash) }
                if isGone { count += 1 }
            }
        }
        return count
    }
}
