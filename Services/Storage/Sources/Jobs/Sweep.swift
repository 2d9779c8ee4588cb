import Log

/// Finds contents that no row names: what was written when the process died before its commit.
struct Sweep: Sendable {
    static let pause = Duration.seconds(3_600)

    let blobs: BlobStore
    let artifacts: ArtifactStore
    let log: Log

    /// Once an hour until cancelled. What fails is tried again the next time.
    func repeatedly() async throws {
        while true {
            do {
                let count = try await once()
                if count > 0 { log.info("orphaned contents removed", ["count": "\(count)"]) }
            } catch let error as BlobError {
                log.warning("the sweep stopped early", ["error": "\(error)"])
            }
            try await Task.sleep(for: Self.pause)
        }
    }

    /// Answers with how many contents went. A row is looked for after the file was seen to be old,
    /// and the file's age is asked again at the removal: a document put meanwhile keeps its content.
    func once() async throws -> Int {
        var count = 0
        for prefix in UInt8.min...UInt8.max {
            let aged = try await blobs.aged(prefix: prefix)
            guard !aged.isEmpty else { continue }
            for hash in try await artifacts.unnamed(among: aged) {
                if try await blobs.removeOrphan(hash) { count += 1 }
            }
        }
        return count
    }
}
