public import Curl

/// Searches the web through DuckDuckGo's pages for browsers without scripts.
public struct DuckDuckGo: Sendable {
    private static let largestPage = 2 << 20

    private let exchange: Exchange
    /// The `html` form, and the `lite` one for when the first cannot be read.
    private let pages: [String]

    /// `base` stands for both of DuckDuckGo's hosts; nil for DuckDuckGo itself.
    public init(_ http: HTTPClient, base: BaseURL? = nil) {
        exchange = Exchange(http: http, name: "DuckDuckGo")
        pages =
            base.map { [$0.text + "/html/", $0.text + "/lite/"] } ?? [
                "https://html.duckduckgo.com/html/", "https://lite.duckduckgo.com/lite/",
            ]
    }

    /// The first `limit` results; none where nothing fits.
    public func search(
        _ words: String, limit: Int, within time: Duration
    ) async throws(OutsideFailure) -> [SearchHit] {
        var page = ResultPage.unknown
        // The second form gets the smaller part of the time.
        for (form, share) in zip(pages, [time * 2 / 3, time / 3]) {
            page = try await read(form, words, share)
            switch page {
            case .hits(let hits): return Array(hits.prefix(limit))
            case .nothing: return []
            case .challenge, .unknown: continue
            }
        }
        if page == .challenge {
            throw OutsideFailure(
                .limited, "DuckDuckGo takes this machine for a robot and answers no searches",
                retryAfter: .seconds(60))
        }
        throw OutsideFailure(
            .garbled, "DuckDuckGo's page is not a list of results; its layout may have changed")
    }

    private func read(
        _ form: String, _ words: String, _ time: Duration
    ) async throws(OutsideFailure) -> ResultPage {
        let request = ClientRequest(
            url: form + "?q=" + BaseURL.escape(words) + "&kl=wt-wt",
            headers: [
                ("Accept", "text/html"), ("Accept-Language", "en"),
                ("User-Agent", "Mozilla/5.0 (compatible; Atelier)"),
            ], idleTimeout: time, maxBody: Self.largestPage)
        // A test for robots comes with 202 and 403.
        let response = try await exchange.send(request, within: time) {
            [200, 202, 403].contains($0)
        }
        let page = ResultPage(reading: response.body)
        guard response.status == 403, page != .challenge else { return page }
        throw OutsideFailure(
            status: response.status, headers: response.headers, words: nil, with: "DuckDuckGo")
    }
}
