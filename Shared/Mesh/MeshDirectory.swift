/// Where services listen: sockets in one private folder, unless configuration says otherwise.
public struct MeshDirectory: Sendable {
    private let folder: String
    private let overrides: [String: String]

    /// `overrides` maps a service's name to the URL it answers at.
    public init(folder: String, overrides: [String: String] = [:]) {
        (self.folder, self.overrides) = (folder, overrides)
    }

    /// The URL at which a service answers.
    public func calls(to service: String) -> String {
        overrides[service] ?? "ipc://\(folder)/\(service).sock"
    }

    /// The URL at which a service publishes.
    public func events(of service: String) -> String {
        overrides["\(service).events"] ?? "ipc://\(folder)/\(service).pub"
    }
}
