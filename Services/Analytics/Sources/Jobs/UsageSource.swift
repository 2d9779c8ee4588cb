import Contracts
import Mesh
import MeshContract

/// Where the usage log is read from.
struct UsageSource: Sendable {
    /// Entries after a number, oldest first, at most so many.
    let read: @Sendable (_ after: Int64, _ limit: Int) async throws -> [Providers.UsageEntry]

    /// The owner of the log.
    static func providers(_ mesh: MeshClient) -> UsageSource {
        UsageSource { after, limit in
            try await mesh.call(Providers.ReadUsage(after: after, limit: limit)).entries
        }
    }
}
