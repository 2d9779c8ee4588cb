public import MeshContract

/// What a service says of itself.
public struct ServiceInfo: Codable, Sendable, Equatable {
    public var service: String
    public var uptimeMilliseconds: Int
    public var methods: [String]
}

/// The methods that every service has beside its contract's.
extension MeshClient {
    /// True when `service` answers within the time.
    public func ping(_ service: String, within time: Duration = .seconds(1)) async -> Bool {
        (try? await reach(service, within: time)) != nil
    }

    /// The same for who wants to know why not.
    public func reach(_ service: String, within time: Duration) async throws(Fault) {
        _ = try await call(
            service, "ping", traits: .once, within: time, isReserved: true, nothing)
    }

    public func info(_ service: String) async throws(Fault) -> ServiceInfo {
        try await reserved(service, "info")
    }

    public func stats(_ service: String) async throws(Fault) -> ServiceStats {
        try await reserved(service, "stats")
    }

    /// The running service's contract, one signature for each method.
    public func describe(_ service: String) async throws(Fault) -> [String] {
        try await reserved(service, "describe")
    }

    private func reserved<Reply: Decodable>(
        _ service: String, _ method: String
    ) async throws(Fault) -> Reply {
        let body = try await call(
            service, method, traits: .read, within: .seconds(2), isReserved: true, nothing)
        return try body.decode(Reply.self, .internal)
    }

    private func nothing(_ bytes: inout [UInt8]) {}
}
