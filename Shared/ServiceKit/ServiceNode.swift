public import Database
public import EventLoop
public import Lifecycle
public import Log
public import Mesh
public import MeshContract

/// The composition root of one service: every part of it is made in `init` and nowhere else.
public protocol ServiceNode: Sendable {
    associatedtype Service: MeshService
    static var migrations: [Migration] { get }
    static var commands: Commands { get }
    /// Verbs for the operator, beside those that every service has.
    static var admin: [AdminCommand<Self>] { get }
    /// Settings are read and judged here, before anything starts.
    init(_ kit: NodeKit) async throws
    var routes: Routes { get }
    /// Loops that outlive a request, in the order in which they start.
    var jobs: [Running] { get }
}

extension ServiceNode {
    public static var admin: [AdminCommand<Self>] { [] }
    public var jobs: [Running] { [] }
}

/// What a node is made from.
public struct NodeKit: Sendable {
    public let database: Database
    public let mesh: MeshClient
    public let publisher: any EventPublisher
    /// Where other services listen.
    public let directory: MeshDirectory
    public let loop: EventLoop
    public let settings: Settings
    public let data: DataFolder
    public let ambient: Ambient
    public let log: Log

    public init(
        database: Database, mesh: MeshClient, publisher: any EventPublisher,
        directory: MeshDirectory, loop: EventLoop, settings: Settings, data: DataFolder,
        ambient: Ambient, log: Log
    ) {
        (self.database, self.mesh, self.publisher) = (database, mesh, publisher)
        (self.directory, self.loop, self.settings) = (directory, loop, settings)
        (self.data, self.ambient, self.log) = (data, ambient, log)
    }
}
