import MeshContract
import ServiceKit

/// What the gateway reads from its settings, judged before anything starts.
struct GatewayConfig: Sendable {
    let host: String
    let port: Int
    let loops: Int
    /// Origins that a browser may call from; the frontend's own among them.
    let allowedOrigins: Set<String>
    let tokenSeconds: Int
    let maxUsers: Int

    init(_ settings: Settings) throws(Fault) {
        host = settings.text("ATELIER_HOST", default: "127.0.0.1")
        port = try settings.integer("ATELIER_PORT", default: 8_420, in: 0...65_535)
        loops = try settings.integer("ATELIER_HTTP_LOOPS", default: 2, in: 1...64)
        var origins = Set(settings.list("ALLOWED_ORIGINS"))
        if let frontend = settings.text("FRONTEND_URL") { origins.insert(frontend) }
        allowedOrigins = origins
        tokenSeconds = try settings.integer("ATELIER_TOKEN_SECONDS", default: 86_400, in: 60...604_800)
        maxUsers = try settings.integer("ATELIER_MAX_USERS", default: 100_000, in: 1...1_000_000)
    }
}
