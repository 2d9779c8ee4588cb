/// A notice as an e-mail: what has happened, where to look, why one gets it and where that ends. The
/// same notice makes the same e-mail, for it may have to be given on twice under one key.
struct NoticeLetter: Sendable, Equatable {
    /// Providers take 500 bytes.
    private static let longestSubject = 120

    let subject: String
    let html: String
    let text: String

    /// `base` is the address under which people reach us; without one there are no links.
    init(_ notice: Notice, base: String?) {
        let title = PlainText.line(notice.title, atMost: Self.longestSubject)
        subject = title
        let open = base.flatMap { base in
            notice.run.map { (name: "Open the run", url: "\(base)/runs/\($0)") }
                ?? (name: "Open the studio", url: base)
        }
        let occasion = Self.occasion(notice.kind)
        let why = "You get this e-mail because you asked to be told when \(occasion)."
        let off = "Settings, Notifications, is where you switch it off"
        let settings = base.map { "\($0)/settings/notifications" }
        text = [
            title, notice.text, open?.url,
            "\(why) \(off)" + (settings.map { ": \($0)" } ?? "."),
        ].compactMap { $0 }.joined(separator: "\n\n")
        let escaped = PlainText.escaped
        let body = escaped(notice.text).split(separator: "\n", omittingEmptySubsequences: false)
            .joined(separator: "<br>\n")
        let link = open.map { "<p><a href=\"\(escaped($0.url))\">\($0.name)</a></p>\n" } ?? ""
        let way =
            settings.map { "<a href=\"\(escaped($0))\">Settings, Notifications</a>" }
            ?? "Settings, Notifications"
        html = """
            <!doctype html>
            <html lang="en"><head><meta charset="utf-8"><title>\(escaped(title))</title></head>
            <body style="font-family: sans-serif; line-height: 1.5; max-width: 36em">
            <p><strong>\(escaped(title))</strong></p>
            <p>\(body)</p>
            \(link)<p style="color: #666; font-size: 85%">\(why)
            \(way), is where you switch it off.</p>
            </body></html>
            """
    }

    private static func occasion(_ kind: String) -> String {
        switch Notice.Kind(rawValue: kind) {
        case .gateWaiting: "a run waits for your decision"
        case .runCompleted: "a run is completed"
        case .runFailed: "a run fails or needs attention"
        case .experimentWinner: "an experiment has a winner"
        case .creditsLow: "your credits are low"
        case nil: "something happens to your runs"
        }
    }
}
