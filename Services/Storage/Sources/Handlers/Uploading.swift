import Contracts
import Mesh
import MeshContract

extension StorageNode {
    /// Uploads of one owner that may be open at once.
    static let openUploads = 64
    /// An upload is touched on disk when so much more of it has come.
    private static let touchedEach = 64 << 20

    func begin(_ request: Storage.BeginUpload, _ call: Call) async throws -> Storage.Upload {
        let naming = Naming(request)
        var faults: [FieldFault] = []
        if let bytes = request.bytes, !(0...maxContentBytes).contains(bytes) {
            faults.append(FieldFault("/bytes", "is from 0 to \(maxContentBytes)"))
        }
        try naming.check(faults)
        if let done = try await artifacts.artifact(key: naming.key) {
            guard done.owner == naming.owner, done.name == naming.name, done.run == naming.run
            else {
                throw Fault(.conflict, "the key was used for another document")
            }
            return Storage.Upload(id: "", received: done.bytes, artifact: done)
        }
        let begun = try await artifacts.begin(
            naming, bytes: request.bytes, most: Self.openUploads)
        if let received = try await blobs.drafts.received(begun.id) {
            return Storage.Upload(id: begun.id, received: received)
        }
        try await blobs.drafts.begin(begun.id)
        return Storage.Upload(id: begun.id, received: 0)
    }

    func append(_ request: Storage.AppendUpload, _ call: Call) async throws -> Storage.Upload {
        guard request.content.count <= Storage.maxPieceBytes else {
            throw Fault.refusing("/content", "has more than \(Storage.maxPieceBytes) bytes")
        }
        let begun = try await artifacts.upload(request.id, owner: request.owner)
        let most = begun.bytes ?? maxContentBytes
        guard request.offset >= 0, request.offset <= most - request.content.count else {
            throw Fault.refusing("/offset", "the content would be over \(most) bytes")
        }
        let received = try await blobs.drafts.append(
            request.content, to: begun.id, at: request.offset)
        guard received >= request.offset else {
            throw Fault(.conflict, "\(received) bytes have come; the next piece begins there")
        }
        if request.offset / Self.touchedEach != received / Self.touchedEach {
            try await artifacts.touch(begun.id)
        }
        return Storage.Upload(id: begun.id, received: received)
    }

    /// Checks, keeps and names. Whatever breaks off in between, the same call goes on from there.
    func finish(_ request: Storage.FinishUpload, _ call: Call) async throws -> Storage.Artifact {
        if let done = try await artifacts.artifact(key: request.key) {
            guard done.owner == request.owner else {
                throw Fault(.notFound, "no upload of this key")
            }
            return done
        }
        let begun = try await artifacts.upload(key: request.key, owner: request.owner)
        defer { artifacts.uploads.forget(begun.id) }
        return try await blobs.drafts.holding(begun.id) {
            let identity = try await identity(of: begun, expected: request.sha256)
            let submission = Submission(naming: begun.naming, identity: identity)
            return try await blobs.keep(draft: begun.id, as: identity) {
                try await artifacts.add(submission)
            }
        }
    }

    /// What has come, if it is what was to come.
    private func identity(
        of begun: ArtifactStore.Begun, expected: String?
    ) async throws -> Identity {
        let identity = try await blobs.drafts.finish(begun.id)
        if let bytes = begun.bytes, identity.bytes != bytes {
            throw Fault(.conflict, "\(identity.bytes) of \(bytes) bytes have come")
        }
        if let expected, expected.lowercased() != identity.hash.hex {
            throw Fault(
                .invalid, "the content is not what was announced",
                detail: "its SHA-256 is \(identity.hash.hex); cancel the upload and begin again",
                fields: [FieldFault("/sha256", "is another")])
        }
        return identity
    }

    func find(_ request: Storage.FindUpload, _ call: Call) async throws -> Storage.Upload {
        let begun = try await artifacts.upload(request.id, owner: request.owner)
        return Storage.Upload(
            id: begun.id, received: try await blobs.drafts.received(begun.id) ?? 0)
    }

    func cancel(_ request: Storage.CancelUpload, _ call: Call) async throws -> Done {
        do {
            let begun = try await artifacts.upload(request.id, owner: request.owner)
            try await artifacts.forget(upload: begun.id)
            try await blobs.drafts.remove(begun.id)
        } catch let fault as Fault where fault.code == .notFound {
            return Done()  // it is gone, as was asked
        }
        return Done()
    }
}
