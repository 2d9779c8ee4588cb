import HTTP
import REST

/// What `/health` says, made once: load balancers ask for nothing else, and often.
struct HealthAnswer: Sendable {
    private static let headers = [("Content-Type", "application/json")]
    private static let paths: Set = ["/health", "/api/health", "/api/v1/health"]

    private let well: [UInt8]
    private let stopping: [UInt8]

    init(instance: String) throws {
        well = try JSONCoding.encode(
            OperationEndpoints.Health(status: "ok", instance: instance))
        stopping = try JSONCoding.encode(
            OperationEndpoints.Health(status: "stopping", instance: instance))
    }

    /// nil for what the endpoints know better.
    func answer(to request: HTTPRequest, isStopping: Bool) -> ReadyAnswer? {
        let path = request.path
        let isHealth = path.hasSuffix("/health") && Self.paths.contains(path)
        if isStopping, isHealth || path == "/ready" {
            return ReadyAnswer(status: 503, headers: Self.headers, body: stopping)
        }
        guard isHealth, request.method == "GET" else { return nil }
        return ReadyAnswer(status: 200, headers: Self.headers, body: well)
    }
}
