public import Contracts
public import Database
public import Mesh
import MeshContract
public import ServiceKit
import Synchronization

/// A storage that keeps documents in memory, once per key.
public final class FakeStorage: ServiceNode {
    public typealias Service = Storage
    public static let migrations: [Migration] = []
    public static let commands = Commands(Storage.contract)

    /// What marks a call on its way through the services.
    public struct Marks: Sendable, Equatable {
        public var id: String
        public var trace: String?

        public init(id: String, trace: String?) { (self.id, self.trace) = (id, trace) }
    }

    private struct State {
        var heard: [Marks] = []
        var artifacts: [Storage.Artifact] = []
        var contents: [String: [UInt8]] = [:]
        var byKey: [String: String] = [:]
        /// Where a reader finds the end, before the true one.
        var truncation: Int?
    }

    private let state = Mutex(State())

    public init(_ kit: NodeKit) async throws {}

    public var routes: Routes { Routes(partOf: Storage.contract, put, get, list, read) }

    // MARK: For the test

    public var artifacts: [Storage.Artifact] { state.withLock { $0.artifacts } }

    /// The marks of every call that kept a content, or read one.
    public var heard: [Marks] { state.withLock { $0.heard } }

    public func content(of id: String) -> String {
        state.withLock { String(decoding: $0.contents[id] ?? [], as: UTF8.self) }
    }

    /// Loses every content past so many bytes.
    public func truncate(at offset: Int?) { state.withLock { $0.truncation = offset } }

    // MARK: Handlers

    @Sendable private func put(
        _ request: Storage.PutDocument, _ call: Call
    ) async throws -> Storage.Artifact {
        state.withLock { state in
            state.heard.append(Marks(id: call.id, trace: call.trace))
            let known = state.artifacts.first { $0.id == state.byKey[request.key] }
            if let known { return known }
            let artifact = Storage.Artifact(
                id: "art_\(state.artifacts.count + 1)", owner: request.owner, run: request.run,
                name: request.name, contentType: request.contentType,
                bytes: request.content.count, sha256: "5ha-\(request.content.count)", version: 1,
                createdAt: 1_767_225_600_000)
            state.artifacts.append(artifact)
            state.contents[artifact.id] = request.content
            state.byKey[request.key] = artifact.id
            return artifact
        }
    }

    @Sendable private func get(
        _ request: Storage.GetArtifact, _ call: Call
    ) async throws -> Storage.Artifact {
        let found = state.withLock { state in state.artifacts.first { $0.id == request.id } }
        guard let found else { throw Fault(.notFound, "storage knows no \(request.id)") }
        return found
    }

    @Sendable private func list(
        _ request: Storage.ListArtifacts, _ call: Call
    ) async throws -> Storage.ArtifactList {
        Storage.ArtifactList(
            artifacts: state.withLock { $0.artifacts.filter { $0.run == request.run } })
    }

    @Sendable private func read(
        _ request: Storage.ReadContent, _ call: Call
    ) async throws -> Storage.Piece {
        try state.withLock { state in
            state.heard.append(Marks(id: call.id, trace: call.trace))
            guard let content = state.contents[request.id] else {
                throw Fault(.notFound, "storage knows no \(request.id)")
            }
            let there = content.prefix(state.truncation ?? .max)
            return Storage.Piece(
                content: Array(there.dropFirst(request.offset).prefix(request.length)),
                total: content.count)
        }
    }
}
