public import MeshContract

/// The way of a request's bytes to a service and of its answer back.
public protocol Transport: Sendable {
    /// Sends and waits; throws what became of the way itself, never the callee's fault.
    nonisolated(nonsending) func roundTrip(
        to service: String, _ request: [UInt8], within time: Duration
    ) async throws(Fault) -> [UInt8]
}
