public import MeshContract
import SP

/// Where services listen: sockets in one private folder, unless configuration says otherwise.
public struct MeshDirectory: Sendable {
    private static let mostReplicas = 64

    private let folder: String
    private var overrides: [String: String]
    /// What carries the calls to all of them.
    public let carrier: Carrier
    /// Who we are on the network; nil where nothing leaves the machine.
    public let identity: MeshIdentity?

    /// `overrides` maps a service's name to the URLs it answers at, separated by commas: one for
    /// each replica, or a name that means several machines.
    public init(
        folder: String, overrides: [String: String] = [:], carrier: Carrier = .loop,
        identity: MeshIdentity? = nil
    ) {
        (self.folder, self.overrides) = (folder, overrides)
        (self.carrier, self.identity) = (carrier, identity)
    }

    /// The same places for somebody else.
    public func identified(as identity: MeshIdentity?) -> MeshDirectory {
        MeshDirectory(folder: folder, overrides: overrides, carrier: carrier, identity: identity)
    }

    /// The URL at which a service answers, or the URLs.
    public func calls(to service: String) -> String {
        overrides[service] ?? "ipc://\(folder)/\(service).sock"
    }

    /// The URL at which a service publishes, or the URLs.
    public func events(of service: String) -> String {
        overrides["\(service).events"] ?? "ipc://\(folder)/\(service).pub"
    }

    /// The same directory with one replica of `service` only, for each that is configured: to ask
    /// every one of them how it fares. A name that means several machines stays one.
    public func replicas(of service: String) -> [MeshDirectory] {
        Self.split(calls(to: service)).map { url in
            var one = self
            one.overrides[service] = url
            return one
        }
    }

    /// The URL of one process of `service`: what is configured for all of it, unless that is
    /// several.
    public func place(of service: String) throws(Fault) -> String {
        try Self.only(calls(to: service), "ATELIER_LISTEN")
    }

    /// The same for what it publishes.
    public func eventPlace(of service: String) throws(Fault) -> String {
        try Self.only(events(of: service), "ATELIER_LISTEN_EVENTS")
    }

    private static func only(_ list: String, _ setting: String) throws(Fault) -> String {
        let urls = split(list)
        guard urls.count == 1, let url = urls.first else {
            throw Fault(
                .invalid, "\(list) are \(urls.count) addresses",
                detail: "say with \(setting) which of them is this process's")
        }
        return url
    }

    func addresses(of service: String) throws(Fault) -> [SPAddress] {
        try Self.addresses(calls(to: service), carrier)
    }

    func eventAddresses(of service: String) throws(Fault) -> [SPAddress] {
        try Self.addresses(events(of: service), .loop)
    }

    private static func addresses(
        _ list: String, _ carrier: Carrier
    ) throws(Fault) -> [SPAddress] {
        let urls = split(list)
        guard !urls.isEmpty, urls.count <= mostReplicas, Set(urls).count == urls.count else {
            throw Fault(
                .invalid, "\(list) is no list of addresses",
                detail: "1 to \(mostReplicas) different ones, separated by commas")
        }
        var addresses: [SPAddress] = []
        for url in urls { addresses.append(try carrier.address(url)) }
        return addresses
    }

    private static func split(_ list: String) -> [String] {
        list.split(separator: ",").map { $0.drop { $0 == " " }.reversed().drop { $0 == " " } }
            .map { String($0.reversed()) }
    }
}
