public import Mesh
public import MeshContract

/// What the environment says of the mesh: addresses, certificates, and who we are.
extension DataFolder {
    private static let prefix = "ATELIER_MESH_"
    private static let secure = "ATELIER_MESH_TLS_"
    private static let carrier = "ATELIER_MESH_CARRIER"

    /// Where the services of this installation answer, as `name` reaches them. Where one of them,
    /// or what `name` itself listens at, is on the network, `name` gets a key. `report` hears of
    /// certificates that cannot be used any more.
    public func directory(
        _ environment: [String: String], as name: String, listening: String? = nil,
        report: @escaping @Sendable (String) -> Void = { _ in }
    ) throws(Fault) -> MeshDirectory {
        var overrides: [String: String] = [:]
        for (setting, value) in environment
        where setting.hasPrefix(Self.prefix) && !setting.hasPrefix(Self.secure)
            && setting != Self.carrier && !value.isEmpty
        {
            let service = setting.dropFirst(Self.prefix.count).lowercased()
            let isEvents = service.hasSuffix("_events")
            overrides[isEvents ? service.dropLast(7) + ".events" : service] = value
        }
        let keys = MeshKeys(self)
        let places = Array(overrides.values) + [listening ?? ""]
        if places.contains(where: { $0.contains("tcp://") }) { try keys.ensure(name) }
        let identity = MeshIdentity(
            name, folder: keys.folder, tls: try Self.tls(environment, report))
        return MeshDirectory(
            folder: path + "/run", overrides: overrides,
            carrier: try Carrier(setting: environment[Self.carrier]), identity: identity)
    }

    private static func tls(
        _ environment: [String: String], _ report: @escaping @Sendable (String) -> Void
    ) throws(Fault) -> MeshTLS? {
        func value(_ name: String) -> String? {
            environment[secure + name].flatMap { $0.isEmpty ? nil : $0 }
        }
        let (certificate, key, authority) = (value("CERT"), value("KEY"), value("CA"))
        guard let certificate, let key, let authority else {
            guard certificate == nil, key == nil, authority == nil else {
                throw Fault(.invalid, "\(secure)CERT, _KEY and _CA are set together or not at all")
            }
            return nil
        }
        var files = MeshTLS.Files(certificate: certificate, key: key, authority: authority)
        files.name = value("NAME")
        switch value("VERSION") ?? "1.3" {
        case "1.3": break
        case "1.2": files.speaksOld = true
        default: throw Fault(.invalid, "\(secure)VERSION, the oldest spoken, is 1.3 or 1.2")
        }
        return try MeshTLS(files, report: report)
    }
}
