import Contracts
import Crypto
import MeshContract
import Synchronization
import Zip

/// Zip files of runs, planned from what is known of the artifacts and made piece by piece: nothing
/// is written anywhere, and any piece can be made again.
final class Trees: Sendable {
    /// The most files in one.
    static let most = 10_000
    private static let kept = 8

    /// One run's zip file.
    struct Plan: Sendable {
        let run: String
        let tag: String
        let layout: ZipLayout
        let contents: [Identity]
    }

    private let blobs: BlobStore
    private let artifacts: ArtifactStore
    /// The ones read last, newest behind.
    private let plans = Mutex<[Plan]>([])

    init(blobs: BlobStore, artifacts: ArtifactStore) {
        (self.blobs, self.artifacts) = (blobs, artifacts)
    }

    /// The plan of a run as it is now.
    func plan(_ run: String) async throws -> Plan {
        let files = try await artifacts.newest(run: run, limit: Self.most + 1)
        guard files.count <= Self.most else {
            throw Fault(.capped, "a zip file has at most \(Self.most) files")
        }
        let listing = files.map { "\($0.sha256) \($0.createdAt) \($0.name)\n" }.joined()
        let tag = SHA256.hex(Array(listing.utf8))
        if let known = known(run, tag) { return known }
        var (entries, contents): ([ZipLayout.Entry], [Identity]) = ([], [])
        for file in files {
            let identity = try await artifacts.identity(of: file)
            entries.append(
                ZipLayout.Entry(
                    name: file.name, crc32: try await sum(of: identity), size: file.bytes,
                    modified: file.createdAt))
            contents.append(identity)
        }
        let plan = Plan(run: run, tag: tag, layout: ZipLayout(entries), contents: contents)
        plans.withLock { plans in
            plans.append(plan)
            if plans.count > Self.kept { plans.removeFirst() }
        }
        return plan
    }

    /// The plan with this tag; a `conflict` when the run has changed since.
    func plan(_ run: String, tag: String) async throws -> Plan {
        if let known = known(run, tag) { return known }
        let plan = try await plan(run)
        guard plan.tag == tag else {
            throw Fault(.conflict, "the run's files have changed; begin the zip file again")
        }
        return plan
    }

    /// A part of the zip file; contents are checked as they are read.
    func read(_ plan: Plan, _ range: Range<Int>) async throws -> [UInt8] {
        var bytes: [UInt8] = []
        bytes.reserveCapacity(range.count)
        for piece in plan.layout.pieces(in: range) {
            switch piece {
            case .bytes(let header): bytes += header
            case .content(let entry, let part):
                let identity = plan.contents[entry]
                bytes += try await blobs.read(
                    identity, PieceRange(part, of: identity.bytes))
            }
        }
        return bytes
    }

    private func known(_ run: String, _ tag: String) -> Plan? {
        plans.withLock { plans in plans.last { $0.run == run && $0.tag == tag } }
    }

    /// Contents kept before sums were have none yet.
    private func sum(of identity: Identity) async throws -> UInt32 {
        if let sum = identity.crc32 { return sum }
        let sum = try await blobs.crc32(of: identity)
        try await artifacts.note(crc32: sum, of: identity.hash)
        return sum
    }
}
