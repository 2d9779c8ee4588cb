public import MeshContract

/// The ways to services: which replicas there are of each, and how to reach them.
public protocol Transport: Sendable {
    /// Those of one service; the same object each time.
    func replicas(of service: String) throws(Fault) -> Replicas
    /// Those of the services that have been called.
    var known: [Replicas] { get }
}
