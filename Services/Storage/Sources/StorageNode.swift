public import Contracts
import Curl
public import Database
public import Lifecycle
import Log
public import Mesh
public import ServiceKit

/// The keeper of documents, put together.
public struct StorageNode: ServiceNode {
    public typealias Service = Storage
    public static let migrations = StorageMigrations.all
    public static let commands = Commands(Storage.contract)

    let blobs: BlobStore
    let artifacts: ArtifactStore
    let links: LinkStore
    let retention: RetentionStore
    let sweep: Sweep
    let trees: Trees
    let maxContentBytes: Int

    /// Opens the folder or the bucket of contents.
    public init(_ kit: NodeKit) async throws {
        let config = try StorageConfig(kit.settings)
        let threads = BlockingPool(
            "storage", threads: config.threads, queueLimit: config.queue)
        let folder = kit.data.path + "/blobs"
        let local = try FolderBackend(folder: folder, on: threads)
        let drafts = try Drafts(
            folder: folder + "/drafts", reserve: config.reserve, on: threads)
        var backend: any BlobBackend = local
        var abandon: Sweep.Tidying = { 0 }
        if let bucket = config.bucket {
            let remote = S3Backend(
                S3Bucket(
                    HTTPClient(on: kit.loop), bucket.signer, at: bucket.place,
                    now: wallMilliseconds), prefix: bucket.prefix, on: threads)
            backend = remote
            abandon = remote.abandonParts
        }
        blobs = BlobStore(backend, drafts: drafts, on: threads)
        artifacts = ArtifactStore(
            database: kit.database, ambient: kit.ambient, defaultQuota: config.quota)
        links = LinkStore(
            database: kit.database, ambient: kit.ambient, key: try kit.data.key("links"))
        retention = RetentionStore(database: kit.database, ambient: kit.ambient)
        sweep = Sweep(
            blobs: blobs, artifacts: artifacts, retention: retention,
            tidying: [local.removeDrafts, abandon], log: kit.log)
        trees = Trees(blobs: blobs, artifacts: artifacts)
        maxContentBytes = config.maxContentBytes
    }

    public var routes: Routes {
        Routes(
            Storage.contract, put, get, list, read, versions, remove, begin, append, finish, find,
            cancel, usage, setQuota, makeLink, openLink, links, revoke, addRetention,
            retentionRules, removeRetention, verify, export, tree, readTree, render, compare)
    }

    public var jobs: [Running] {
        [
            Running(
                "sweep",
                run: { [sweep] in
                    await sweep.tidy()
                    try await sweep.repeatedly()
                })
        ]
    }
}
