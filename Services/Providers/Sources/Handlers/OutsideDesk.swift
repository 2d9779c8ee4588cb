import Contracts
import Curl
import Database
import EventLoop
import Mesh
import MeshContract
import Outside
import ServiceKit

/// E-mail, search and images: what each needs, and who may have how much of it.
struct OutsideDesk: Sendable {
    let mails: MailStore
    let resend: Resend?
    private let search: DuckDuckGo?
    private let images: Pollinations?
    private let searchWindow: RateWindow
    private let imageWindow: RateWindow
    private let config: OutsideConfig
    private let ambient: Ambient

    init(_ kit: NodeKit, _ config: OutsideConfig) {
        self.config = config
        ambient = kit.ambient
        // Apart from the models' connections: a slow image must not take the place of an answer.
        var limits = HTTPClient.Limits()
        (limits.transfers, limits.queue, limits.idleConnections) = (32, 64, 8)
        let http = HTTPClient(on: kit.loop, limits: limits)
        mails = MailStore(database: kit.database)
        resend = config.mail.map {
            Resend(http, base: $0.base, key: $0.key, from: $0.sender)
        }
        search = config.isSearchOn ? DuckDuckGo(http, base: config.searchBase) : nil
        images = config.imageBase.map { Pollinations(http, base: $0, token: config.imageToken) }
        searchWindow = RateWindow(config.searchesPerMinute, within: 60_000)
        imageWindow = RateWindow(config.imagesPerHour, within: 3_600_000)
    }

    // MARK: E-mail

    func send(_ request: Providers.SendMail) async throws -> Providers.Mail {
        guard let resend else { throw Self.off("e-mail", Self.mailSettings) }
        let letter = Letter(
            to: request.to, subject: request.subject, html: request.html, text: request.text,
            replyTo: request.replyTo,
            attachments: request.attachments.map {
                Letter.Attachment(
                    name: $0.name, contentType: $0.contentType, content: $0.content)
            })
        var faults = letter.faults
        for (name, value) in [("/key", request.key), ("/user", request.user)]
        where !(1...400).contains(value.utf8.count) {
            faults.append(FieldFault(name, "has 1 to 400 bytes"))
        }
        guard faults.isEmpty else {
            throw Fault(.invalid, "the e-mail was refused", fields: faults)
        }
        return try await mails.add(
            MailStore.Entry(
                id: ambient.makeID("mail"), key: request.key, user: request.user,
                about: request.about, to: request.to, subject: request.subject,
                payload: try resend.payload(of: letter), at: ambient.now()),
            perDay: config.mailsPerDay)
    }

    // MARK: Search

    func search(_ request: Providers.SearchWeb, _ call: Call) async throws -> [SearchHit] {
        guard let search else { throw Self.off("web search", Self.searchSettings) }
        var faults: [FieldFault] = []
        let isBlank = request.words.allSatisfy(\.isWhitespace)
        if isBlank || request.words.utf8.count > 500 {
            faults.append(FieldFault("/words", "have 1 to 500 bytes"))
        }
        if !(1...30).contains(request.limit) {
            faults.append(FieldFault("/limit", "is from 1 to 30"))
        }
        guard faults.isEmpty else {
            throw Fault(.invalid, "the search was refused", fields: faults)
        }
        try take(searchWindow, request.user, "searches a minute", config.searchesPerMinute)
        return try await search.search(
            request.words, limit: request.limit, within: time(config.searchTime, call))
    }

    // MARK: Images

    func make(_ request: Providers.MakeImage, _ call: Call) async throws -> MadeImage {
        guard let images else { throw Self.off("image making", Self.imageSettings) }
        let (width, height) = (request.width ?? 1_024, request.height ?? 1_024)
        var faults: [FieldFault] = []
        let isBlank = request.prompt.allSatisfy(\.isWhitespace)
        if isBlank || request.prompt.utf8.count > 2_000 {
            faults.append(FieldFault("/prompt", "has 1 to 2000 bytes"))
        }
        for (name, size) in [("/width", width), ("/height", height)]
        where !Pollinations.sizes.contains(size) {
            faults.append(FieldFault(name, "is from 16 to 2048"))
        }
        if let seed = request.seed, !(0...0x7FFF_FFFF).contains(seed) {
            faults.append(FieldFault("/seed", "is from 0 to 2147483647"))
        }
        if let model = request.model, !(1...100).contains(model.utf8.count) {
            faults.append(FieldFault("/model", "has 1 to 100 bytes"))
        }
        if !(1...400).contains(request.key.utf8.count) {
            faults.append(FieldFault("/key", "has 1 to 400 bytes"))
        }
        guard faults.isEmpty else {
            throw Fault(.invalid, "the image was refused", fields: faults)
        }
        try take(imageWindow, request.user, "images an hour", config.imagesPerHour)
        return try await images.make(
            request.prompt, width: width, height: height,
            seed: request.seed ?? Pollinations.seed(of: request.key), model: request.model,
            within: time(config.imageTime, call))
    }

    // MARK: What is there

    var cards: [Providers.OutsideCard] {
        func card(_ name: String, _ isOn: Bool, _ missing: String) -> Providers.OutsideCard {
            Providers.OutsideCard(name: name, isOn: isOn, missing: isOn ? nil : missing)
        }
        return [
            card("mail", resend != nil, Self.mailSettings),
            card("search", search != nil, Self.searchSettings),
            card("image", images != nil, Self.imageSettings),
        ]
    }

    private static let mailSettings = "set RESEND_API_KEY and RESEND_FROM for the providers service"
    private static let searchSettings = "DUCKDUCKGO_BASE_URL is off for the providers service"
    private static let imageSettings = "POLLINATIONS_BASE_URL is off for the providers service"

    /// No failure that passes: a caller who tries again finds the same.
    private static func off(_ what: String, _ settings: String) -> Fault {
        Fault(.conflict, "\(what) is not set up here", detail: settings)
    }

    /// An answer that comes when the caller is gone is of no use to it.
    private func time(_ most: Duration, _ call: Call) -> Duration {
        max(min(most, call.time - .milliseconds(100)), .milliseconds(1))
    }

    private func take(
        _ window: RateWindow, _ user: String, _ what: String, _ limit: Int
    ) throws(Fault) {
        guard let wait = window.take(user, at: ambient.now()) else { return }
        throw Fault(
            .limited, "\(limit) \(what) are what a user may have",
            retryAfterMilliseconds: wait)
    }
}
