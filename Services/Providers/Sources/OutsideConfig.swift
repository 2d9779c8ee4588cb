import MeshContract
import Outside
import ServiceKit

/// What is set of e-mail, search and images. Each may be missing: it is then off, and says what to set.
struct OutsideConfig: Sendable {
    /// Leaves out the key in every description.
    struct Mail: Sendable, CustomStringConvertible {
        let base: BaseURL
        let key: String
        let sender: String
        var description: String { base.text }
    }

    let mail: Mail?
    let searchBase: BaseURL?
    let isSearchOn: Bool
    let imageBase: BaseURL?
    let imageToken: String?
    /// For each user.
    let mailsPerDay: Int
    let searchesPerMinute: Int
    let imagesPerHour: Int
    let searchTime: Duration
    let imageTime: Duration
    /// Between two looks for what is due.
    let mailPause: Duration
    /// The first pause after a failed attempt; the others grow from it.
    let mailRetry: Duration
    let mailDays: Int

    init(_ settings: Settings) throws(Fault) {
        mail = try Self.mail(settings)
        let search = settings.text("DUCKDUCKGO_BASE_URL")
        isSearchOn = search?.lowercased() != "off"
        searchBase =
            isSearchOn
            ? try search.map { text throws(Fault) in
                try BaseURL(text, of: "DUCKDUCKGO_BASE_URL")
            } : nil
        let image = settings.text("POLLINATIONS_BASE_URL", default: "https://image.pollinations.ai")
        imageBase =
            image.lowercased() == "off"
            ? nil : try BaseURL(image, of: "POLLINATIONS_BASE_URL")
        imageToken = try Self.secret("POLLINATIONS_API_KEY", settings)
        mailsPerDay = try settings.integer("MAILS_PER_DAY", default: 100, in: 1...100_000)
        searchesPerMinute = try settings.integer(
            "SEARCHES_PER_MINUTE", default: 30, in: 1...10_000)
        imagesPerHour = try settings.integer("IMAGES_PER_HOUR", default: 120, in: 1...10_000)
        searchTime = .milliseconds(
            try settings.integer("SEARCH_TIMEOUT_MS", default: 20_000, in: 100...120_000))
        imageTime = .milliseconds(
            try settings.integer("IMAGE_TIMEOUT_MS", default: 90_000, in: 100...600_000))
        mailPause = .milliseconds(
            try settings.integer("ATELIER_MAIL_MILLISECONDS", default: 500, in: 1...60_000))
        mailRetry = .milliseconds(
            try settings.integer("MAIL_RETRY_MS", default: 5_000, in: 1...600_000))
        mailDays = try settings.integer("MAIL_RETENTION_DAYS", default: 400, in: 1...3_650)
    }

    private static func mail(_ settings: Settings) throws(Fault) -> Mail? {
        guard let key = try secret("RESEND_API_KEY", settings) else { return nil }
        let from = settings.text("RESEND_FROM") ?? settings.text("RESEND_FROM_EMAIL")
        guard let sender = from else {
            throw Fault(
                .invalid, "RESEND_API_KEY is set without RESEND_FROM",
                detail: "as in RESEND_FROM=\"Atelier <studio@example.org>\"")
        }
        let address = sender.last == ">" ? sender.split(separator: "<").last?.dropLast() : nil
        let isOneLine = sender.unicodeScalars.allSatisfy { $0.value >= 32 && $0.value != 127 }
        guard isOneLine, sender.utf8.count <= 320,
            Letter.isAddress(address.map(String.init) ?? sender)
        else {
            throw Fault(
                .invalid, "RESEND_FROM is an address, or a name and an address in <>",
                detail: "as in Atelier <studio@example.org>")
        }
        let base = settings.text("RESEND_BASE_URL", default: "https://api.resend.com")
        return Mail(base: try BaseURL(base, of: "RESEND_BASE_URL"), key: key, sender: sender)
    }

    private static func secret(_ name: String, _ settings: Settings) throws(Fault) -> String? {
        guard let key = settings.text(name) else { return nil }
        // The message must not repeat what it refuses.
        guard key.utf8.count <= 1_024, key.utf8.allSatisfy({ $0 > 0x20 && $0 < 0x7F }) else {
            throw Fault(.invalid, "\(name) holds a space, or what a header cannot carry")
        }
        return key
    }
}
