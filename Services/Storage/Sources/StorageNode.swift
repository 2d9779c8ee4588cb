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

    /// Opens the folder or the bucket of contents, and clears it of what a crash left half written.
    public init(_ kit: NodeKit) async throws {
        let config = try StorageConfig(kit.settings)
        let threads = BlockingPool(
            "storage", threads: config.threads, queueLimit: config.queue)
        let folder = kit.data.path + "/blobs"
        let local = try FolderBackend(folder: folder, on: threads)
        let drafts = try Drafts(
            folder: folder + "/drafts", reserve: config.reserve, on: threads)
        var backend: any BlobBackend = local
        if let bucket = config.bucket {
            let remote = S3Backend(
                S3Bucket(
                    HTTPClient(on: kit.loop), bucket.signer, at: bucket.place,
                    now: wallMilliseconds), prefix: bucket.prefix, on: threads)
            try await Self.tidy(remote, kit.log)
            backend = remote
        }
        blobs = BlobStore(backend, drafts: drafts, on: threads)
        artifacts = ArtifactStore(
            database: kit.database, ambient: kit.ambient, defaultQuota: config.quota)
        links = LinkStore(
            database: kit.database, ambient: kit.ambient, key: try kit.data.key("links"))
        retention = RetentionStore(database: kit.database, ambient: kit.ambient)
        sweep = Sweep(blobs: blobs, artifacts: artifacts, retention: retention, log: kit.log)
        trees = Trees(blobs: blobs, artifacts: artifacts)
        maxContentBytes = config.maxContentBytes
        let count = try await local.removeDrafts()
        if count > 0 { kit.log.info("unfinished files removed", ["count": "\(count)"]) }
    }

    /// A bucket that is away at the start is no reason not to start: documents wait for it.
    private static func tidy(_ bucket: S3Backend, _ log: Log) async throws {
        do {
            let count = try await bucket.abandonParts()
            if count > 0 { log.info("unfinished objects ended", ["count": "\(count)"]) }
        } catch {
            log.warning("the bucket does not answer", ["error": "\(error)"])
        }
    }

    public var routes: Routes {
        Routes(
            Storage.contract, put, get, list, read, versions, remove, begin, append, finish, find,
            cancel, usage, setQuota, makeLink, openLink, links, revoke, addRetention,
            retentionRules, removeRetention, verify, export, tree, readTree)
    }

    public var jobs: [Running] {
        [Running("sweep", run: { [sweep] in try await sweep.repeatedly() })]
    }
}
