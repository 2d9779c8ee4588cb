import Contracts
import Crypto
import Curl
import FoundationEssentials
import Mesh
import MeshContract
import ServiceKit
import Testing
import Testkit

@testable import StorageService

/// A storage service and a caller of it.
struct Rig {
    let mesh: TestMesh
    let node: StorageNode
    let client: MeshClient

    /// Where the suite runs against a bucket: the URL of a server that speaks S3.
    static let endpoint = ProcessInfo.processInfo.environment["ATELIER_TEST_S3"]
    static var isRemote: Bool { endpoint != nil }

    init(environment: [String: String] = [:]) async throws {
        mesh = try TestMesh()
        let environment = environment.merging(Self.settings(mesh)) { own, _ in own }
        node = try await mesh.start(StorageNode.self, environment: environment, jobs: false)
        client = mesh.client(as: "orchestrator")
    }

    /// One bucket for all; each rig has its own prefix.
    private static func settings(_ mesh: TestMesh) -> [String: String] {
        guard let endpoint else { return [:] }
        return [
            "S3_ENDPOINT": endpoint, "S3_BUCKET_NAME": "atelier", "S3_ACCESS_KEY_ID": "test",
            "S3_SECRET_ACCESS_KEY": "test",
            "S3_PREFIX": mesh.data.path.split(separator: "/").last.map { "\($0)/" } ?? "",
        ]
    }

    private static func bucket(_ mesh: TestMesh) -> S3Backend? {
        let settings = Settings(environment: settings(mesh))
        guard let bucket = try? StorageConfig(settings).bucket else { return nil }
        return S3Backend(
            S3Bucket(
                HTTPClient(on: mesh.loop), bucket.signer, at: bucket.place, now: wallMilliseconds),
            prefix: bucket.prefix, on: BlockingPool("test", threads: 1, queueLimit: 10))
    }

    /// Puts a document whose key is of its own unless one is given.
    func put(
        _ text: String, name: String = "plan.md", run: String? = "run_1", owner: String = "ada",
        type: String = "text/markdown", key: String? = nil
    ) async throws -> Storage.Artifact {
        try await client.call(
            Storage.PutDocument(
                owner: owner, run: run, name: name, contentType: type, content: Array(text.utf8),
                key: key ?? timeOrderedID("key", at: 0)))
    }

    func read(_ id: String, _ offset: Int, _ length: Int) async throws -> Storage.Piece {
        try await client.call(Storage.ReadContent(id: id, offset: offset, length: length))
    }

    func verify(isThorough: Bool) async throws -> Storage.Verification {
        var whole = Storage.Verification(checked: 0, bytes: 0, faults: [], next: nil)
        var after: String?
        repeat {
            let part = try await mesh.client(as: "admin").call(
                Storage.Verify(after: after, limit: 2, isThorough: isThorough))
            whole.checked += part.checked
            whole.faults += part.faults
            after = part.next
        } while after != nil
        return whole
    }

    func path(of sha256: String) -> String {
        "\(mesh.data.path)/blobs/\(sha256.prefix(2))/\(sha256.dropFirst(2))"
    }

    func exists(_ sha256: String) async throws -> Bool {
        let identity = Identity(
            hash: try BlobHash(sha256), bytes: 0, sums: PieceSums([]), crc32: nil)
        return try await node.blobs.check(identity, isThorough: false) != .missing
    }

    /// A content that nobody names.
    func orphan(_ text: String) async throws -> String {
        let identity = try await node.blobs.identify(Array(text.utf8))
        return try await node.blobs.keep(Array(text.utf8), as: identity) { identity.hash.hex }
    }

    /// Changes one byte of a content where it lies, past the service's back.
    func overwrite(_ sha256: String, at offset: Int) async throws {
        let hash = try BlobHash(sha256)
        guard let bucket = Self.bucket(mesh) else {
            return try Files.append([0xEE], to: path(of: sha256), at: offset)
        }
        let size = try #require(try await bucket.size(of: hash))
        var content = try await bucket.read(hash, of: size, 0..<size)
        content[offset] = 0xEE
        // Under the old name: what a bucket would only do when it is broken.
        _ = try await bucket.remove(hash)
        try await bucket.keep(
            content, as: Identity(hash: hash, bytes: size, sums: PieceSums([]), crc32: nil))
    }

    /// How many contents are kept.
    func contents() async throws -> Int {
        var count = 0
        for byte in UInt8.min...UInt8.max {
            count += try await node.blobs.contents(startingWith: byte).count
        }
        return count
    }
}

/// The fault that `body` ends with; nil when it succeeds.
func fault(_ body: () async throws -> Void) async -> Fault? {
    do {
        try await body()
        return nil
    } catch {
        return error as? Fault
    }
}
