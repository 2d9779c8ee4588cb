public import Contracts
public import Database
public import Lifecycle
import Log
public import Mesh
public import ServiceKit

/// The keeper of documents, put together.
public struct StorageNode: ServiceNode {
    public typealias Service = Storage
    public static let migrations = ArtifactStore.migrations
    public static let commands = Commands(Storage.contract)

    let blobs: BlobStore
    let artifacts: ArtifactStore
    let sweep: Sweep

    /// Opens the folder of contents and clears it of what a crash left half written.
    public init(_ kit: NodeKit) async throws {
        let queue = try kit.settings.integer("STORAGE_QUEUE", default: 64, in: 1...4_096)
        blobs = try BlobStore(folder: kit.data.path + "/blobs", queue: queue, now: kit.ambient.now)
        artifacts = ArtifactStore(database: kit.database, ambient: kit.ambient)
        sweep = Sweep(blobs: blobs, artifacts: artifacts, log: kit.log)
        let drafts = try await blobs.removeDrafts()
        if drafts > 0 { kit.log.info("unfinished drafts removed", ["count": "\(drafts)"]) }
    }

    public var routes: Routes {
        Routes(Storage.contract, put, get, list, read)
    }

    public var jobs: [Running] {
        [Running("sweep", run: { [sweep] in try await sweep.repeatedly() })]
    }
}
