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

    public func stats(
        _ service: String, within time: Duration = .seconds(2)
    ) async throws(Fault) -> ServiceStats {
        try await reserved(service, "stats", within: time)
    }

    /// The running service's contract, one signature for each method.
    public func describe(_ service: String) async throws(Fault) -> [String] {
        try await reserved(service, "describe")
    }

    /// Lets a running service write its messages into a file for so many seconds, as `admin` only;
    /// nil says how a capture fares. The file holds whatever the messages do, secrets as well.
    public func capture(
        _ service: String, seconds: Int?
    ) async throws(Fault) -> CaptureStatus {
        try await reserved(service, "mesh.capture", traits: .once) { bytes throws(Fault) in
            try Envelope.append(CaptureRequest(seconds: seconds), to: &bytes)
        }
    }

    /// Ends a capture before its time.
    public func endCapture(_ service: String) async throws(Fault) -> CaptureStatus {
        try await reserved(service, "mesh.capture", traits: .read) { bytes throws(Fault) in
            try Envelope.append(CaptureRequest(stop: true), to: &bytes)
        }
    }

    private func reserved<Reply: Decodable>(
        _ service: String, _ method: String, traits: MethodTraits = .read,
        within time: Duration = .seconds(2),
        _ write: (inout [UInt8]) throws(Fault) -> Void = { _ in }
    ) async throws(Fault) -> Reply {
        let body = try await call(
            service, method, traits: traits, within: time, isReserved: true, write)
        return try body.decode(Reply.self, .internal)
    }

    private func nothing(_ bytes: inout [UInt8]) {}
}
