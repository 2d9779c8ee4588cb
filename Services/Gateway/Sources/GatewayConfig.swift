import FoundationEssentials
import MeshContract
import ServiceKit

/// What the gateway reads from its settings, judged before anything starts.
struct GatewayConfig: Sendable {
    /// A shorter secret could be found by trying.
    private static let shortestSecret = 32
    private static let shortestToken = 16
    private static let requests = 0...10_000_000

    let host: String
    let port: Int
    let loops: Int
    /// What the port allows.
    let http: HTTPSettings
    /// Origins that a browser may call from; the frontend's own among them.
    let allowedOrigins: Set<String>
    let tokenSeconds: Int
    /// How long a sign-in lasts that nobody goes on with.
    let refreshSeconds: Int
    let maxUsers: Int
    /// From one place, whatever the address.
    let loginsPerMinute: Int
    let signupsPerMinute: Int
    /// Signs access tokens; nil for the key in the data folder.
    let secret: [UInt8]?
    /// Still verify what they have signed.
    let oldSecrets: [[UInt8]]
    /// Where people reach us, without a slash at its end; nil where it was not said.
    let publicURL: String?
    /// Whether browsers are told to come over TLS alone.
    let transport: TransportSecurity
    /// Who else may say who somebody is.
    let outside: OutsideConfig
    /// How long, and how much, the audit log keeps.
    let auditDays: Int
    let auditEntries: Int
    /// Where the built page lies.
    let webFolder: String
    /// Requests that one user, one API key may make; 0 for as many as they like.
    let requestsPerMinute: Int
    let keyRequestsPerMinute: Int
    /// The same of one address; nil for the usual number, which this machine itself does not have.
    let addressRequestsPerMinute: Int?
    /// Notices that one user is sent by e-mail an hour.
    let noticeMailsPerHour: Int
    /// `off`, `on`, or the file of the access log.
    let accessLog: String
    /// Who has it reads `/metrics` from anywhere.
    let metricsToken: String?

    init(_ settings: Settings) throws(Fault) {
        host = settings.text("ATELIER_HOST", default: "127.0.0.1")
        port = try settings.integer("ATELIER_PORT", default: 8_420, in: 0...65_535)
        loops = try settings.integer("ATELIER_HTTP_LOOPS", default: 2, in: 1...64)
        http = try HTTPSettings(settings)
        let origins = settings.list("ALLOWED_ORIGINS") + [settings.text("FRONTEND_URL") ?? ""]
        allowedOrigins = Set(origins.map(Self.origin).filter { !$0.isEmpty })
        tokenSeconds = try settings.integer(
            "ATELIER_TOKEN_SECONDS", default: 86_400, in: 60...604_800)
        refreshSeconds = try settings.integer(
            "ATELIER_REFRESH_SECONDS", default: 2_592_000, in: 300...31_536_000)
        auditDays = try settings.integer("ATELIER_AUDIT_DAYS", default: 365, in: 1...36_500)
        auditEntries = try settings.integer(
            "ATELIER_AUDIT_ENTRIES", default: 1_000_000, in: 1_000...100_000_000)
        outside = try OutsideConfig(settings, origins: allowedOrigins)
        publicURL = try Self.base(settings.text("ATELIER_PUBLIC_URL"))
        transport = TransportSecurity(http, publicURL: publicURL)
        maxUsers = try settings.integer("ATELIER_MAX_USERS", default: 100_000, in: 1...1_000_000)
        loginsPerMinute = try settings.integer(
            "ATELIER_LOGINS_PER_MINUTE", default: 300, in: 1...1_000_000)
        signupsPerMinute = try settings.integer(
            "ATELIER_SIGNUPS_PER_MINUTE", default: 60, in: 1...1_000_000)
        webFolder = settings.text("ATELIER_WEB", default: Self.ownFolder + "/page")
        requestsPerMinute = try settings.integer(
            "ATELIER_REQUESTS_PER_MINUTE", default: 1_200, in: Self.requests)
        keyRequestsPerMinute = try settings.integer(
            "ATELIER_KEY_REQUESTS_PER_MINUTE", default: requestsPerMinute, in: Self.requests)
        let perAddress = "ATELIER_ADDRESS_REQUESTS_PER_MINUTE"
        addressRequestsPerMinute =
            settings.text(perAddress) == nil
            ? nil : try settings.integer(perAddress, default: 0, in: Self.requests)
        noticeMailsPerHour = try settings.integer(
            "ATELIER_NOTICE_MAILS_PER_HOUR", default: 20, in: 0...1_000)
        accessLog = settings.text("ATELIER_ACCESS_LOG", default: "off")
        metricsToken = settings.text("ATELIER_METRICS_TOKEN")
        if let metricsToken, metricsToken.utf8.count < Self.shortestToken {
            throw Fault(
                .invalid, "ATELIER_METRICS_TOKEN takes at least \(Self.shortestToken) bytes")
        }
        secret = settings.text("SECRET_KEY").map { Array($0.utf8) }
        oldSecrets = settings.list("ATELIER_OLD_SECRET_KEYS").map { Array($0.utf8) }
        for secret in [secret].compactMap({ $0 }) + oldSecrets
        where secret.count < Self.shortestSecret {
            throw Fault(
                .invalid, "SECRET_KEY and older ones take at least \(Self.shortestSecret) bytes")
        }
        guard oldSecrets.count < KeyRing.mostKeys, secret != nil || oldSecrets.isEmpty else {
            throw Fault(
                .invalid, "ATELIER_OLD_SECRET_KEYS goes with SECRET_KEY, and has 15 at most")
        }
    }

    /// An address of ours, as it is put before a path.
    private static func base(_ url: String?) throws(Fault) -> String? {
        guard let url else { return nil }
        let text = url.hasSuffix("/") ? String(url.dropLast()) : url
        guard text.hasPrefix("https://") || text.hasPrefix("http://"),
            !text.contains("?"), !text.contains("#"), !text.contains(" ")
        else { throw Fault(.invalid, "ATELIER_PUBLIC_URL is a URL such as https://a.example") }
        return text
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
