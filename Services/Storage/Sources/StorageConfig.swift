import Curl
import EventLoop
import MeshContract
import ServiceKit

/// What storage is told before it starts.
struct StorageConfig: Sendable {
    /// File operations at once, and those that may wait.
    let threads: Int
    let queue: Int
    /// What an owner may keep without a quota of his own; nil for no limit.
    let quota: Int?
    /// Bytes of the disk that stay free.
    let reserve: Int
    let maxContentBytes: Int
    /// nil for the folder on this machine.
    let bucket: Bucket?

    /// An S3-compatible store.
    struct Bucket: Sendable {
        let place: S3Place
        let signer: S3Signer
        let prefix: String
    }

    init(_ settings: Settings) throws(Fault) {
        threads = try settings.integer("STORAGE_THREADS", default: 4, in: 1...64)
        queue = try settings.integer("STORAGE_QUEUE", default: 128, in: 1...4_096)
        let quota = try settings.integer("STORAGE_QUOTA_BYTES", default: 0, in: 0...(1 << 50))
        self.quota = quota == 0 ? nil : quota
        reserve = try settings.integer(
            "STORAGE_RESERVE_BYTES", default: 256 << 20, in: 0...(1 << 44))
        maxContentBytes = try settings.integer(
            "STORAGE_MAX_BYTES", default: 64 << 30, in: 1...(5 << 40))
        bucket = try Self.bucket(settings)
    }

    private static func bucket(_ settings: Settings) throws(Fault) -> Bucket? {
        guard let name = settings.text("S3_BUCKET_NAME") else {
            guard settings.text("S3_ENDPOINT") == nil else {
                throw Fault(.invalid, "S3_ENDPOINT is set without S3_BUCKET_NAME")
            }
            return nil
        }
        guard let accessKey = settings.text("S3_ACCESS_KEY_ID"),
            let secret = settings.text("S3_SECRET_ACCESS_KEY")
        else {
            throw Fault(
                .invalid, "S3_BUCKET_NAME needs S3_ACCESS_KEY_ID and S3_SECRET_ACCESS_KEY")
        }
        let region = settings.text("S3_REGION", default: "us-east-1")
        let isName = !name.isEmpty && name.allSatisfy { $0.isASCII && !"/?#%@ ".contains($0) }
        guard isName,
            let place = S3Place(
                endpoint: settings.text("S3_ENDPOINT"), bucket: name, region: region)
        else {
            throw Fault(.invalid, "S3_ENDPOINT is https://host[:port], S3_BUCKET_NAME a name")
        }
        return Bucket(
            place: place,
            signer: S3Signer(
                accessKey: accessKey, secret: secret,
                sessionToken: settings.text("S3_SESSION_TOKEN"), region: region),
            prefix: settings.text("S3_PREFIX", default: ""))
    }
}
