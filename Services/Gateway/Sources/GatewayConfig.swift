import FoundationEssentials
import MeshContract
import ServiceKit

/// What the gateway reads from its settings, judged before anything starts.
struct GatewayConfig: Sendable {
    /// A shorter secret could be found by trying.
    private static let shortestSecret = 32

    let host: String
    let port: Int
    let loops: Int
    /// Origins that a browser may call from; the frontend's own among them.
    let allowedOrigins: Set<String>
    let tokenSeconds: Int
    let maxUsers: Int
    /// From one place, whatever the address.
    let loginsPerMinute: Int
    let signupsPerMinute: Int
    /// Signs access tokens; nil for the key in the data folder.
    let secret: [UInt8]?
    /// Where the built page lies.
    let webFolder: String

    init(_ settings: Settings) throws(Fault) {
        host = settings.text("ATELIER_HOST", default: "127.0.0.1")
        port = try settings.integer("ATELIER_PORT", default: 8_420, in: 0...65_535)
        loops = try settings.integer("ATELIER_HTTP_LOOPS", default: 2, in: 1...64)
        let origins = settings.list("ALLOWED_ORIGINS") + [settings.text("FRONTEND_URL") ?? ""]
        allowedOrigins = Set(origins.map(Self.origin).filter { !$0.isEmpty })
        tokenSeconds = try settings.integer(
            "ATELIER_TOKEN_SECONDS", default: 86_400, in: 60...604_800)
        maxUsers = try settings.integer("ATELIER_MAX_USERS", default: 100_000, in: 1...1_000_000)
        loginsPerMinute = try settings.integer(
            "ATELIER_LOGINS_PER_MINUTE", default: 300, in: 1...1_000_000)
        signupsPerMinute = try settings.integer(
            "ATELIER_SIGNUPS_PER_MINUTE", default: 60, in: 1...1_000_000)
        webFolder = settings.text("ATELIER_WEB", default: Self.ownFolder + "/page")
        secret = settings.text("SECRET_KEY").map { Array($0.utf8) }
        if let secret, secret.count < Self.shortestSecret {
            throw Fault(.invalid, "SECRET_KEY takes at least \(Self.shortestSecret) bytes")
        }
    }

    /// The folder of the running program.
    private static var ownFolder: String {
        let program = try? FileManager.default.destinationOfSymbolicLink(atPath: "/proc/self/exe")
        return program.flatMap { path in
            path.lastIndex(of: "/").map { String(path[..<$0]) }
        } ?? "."
    }

    /// Scheme and host of an address, as a browser sends them: people write a slash behind them.
    private static func origin(_ url: String) -> String {
        guard let scheme = url.firstRange(of: "://") else { return url }
        return String(url[..<scheme.upperBound] + url[scheme.upperBound...].prefix { $0 != "/" })
            .lowercased()
    }
}
