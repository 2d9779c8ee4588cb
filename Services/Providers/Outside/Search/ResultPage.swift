/// One thing that a search found.
public struct SearchHit: Sendable, Equatable {
    public var title: String
    public var url: String
    /// A few words of the page; empty where there are none.
    public var snippet: String

    public init(title: String, url: String, snippet: String) {
        (self.title, self.url, self.snippet) = (title, url, snippet)
    }
}

/// DuckDuckGo's page of results, in its `html` and its `lite` form.
///
/// It is nobody's promised format: what is not recognised is said to be unknown, and never guessed.
enum ResultPage: Equatable {
    case hits([SearchHit])
    /// Nothing fits the words.
    case nothing
    /// A test for robots in place of results.
    case challenge
    /// Neither: the layout has changed, or it is another page.
    case unknown

    private static let links: Set<Substring> = ["result__a", "result-link"]
    private static let snippets: Set<Substring> = ["result__snippet", "result-snippet"]
    private static let emptiness: Set<Substring> = [
        "no-results", "result--no-result", "no-results__title",
    ]

    init(reading bytes: [UInt8]) {
        var reader = MarkupReader(bytes)
        var scan = Scan()
        while let token = reader.next() { scan.take(token) }
        scan.finish()
        if !scan.hits.isEmpty {
            self = .hits(scan.hits)
        } else if scan.isChallenge {
            self = .challenge
        } else if scan.isNothing && !scan.sawLink {
            self = .nothing
        } else {
            self = .unknown
        }
    }

    private struct Scan {
        var hits: [SearchHit] = []
        var isChallenge = false
        var isNothing = false
        var sawLink = false
        private var hit: SearchHit?
        private var capture: (element: String, depth: Int, isTitle: Bool)?
        private var words = ""

        mutating func take(_ token: MarkupReader.Token) {
            switch token {
            case .text(let text):
                if capture != nil, words.utf8.count < 4_000 { words += text }
                if !isNothing, text.contains("No results found for") { isNothing = true }
            case .open(let name, let attributes): open(name, attributes)
            case .close(let name): close(name)
            }
        }

        private mutating func open(_ name: String, _ attributes: [String: String]) {
            let classes = Set((attributes["class"] ?? "").split(separator: " "))
            if classes.contains(where: { $0.hasPrefix("anomaly") })
                || attributes["id"] == "challenge-form"
            {
                isChallenge = true
            }
            if !classes.isDisjoint(with: ResultPage.emptiness) { isNothing = true }
            if name == "a", !classes.isDisjoint(with: ResultPage.links) {
                finish()
                sawLink = true
                // Advertisements lead through DuckDuckGo itself: they are no results.
                hit = Target.url(attributes["href"] ?? "").map {
                    SearchHit(title: "", url: $0, snippet: "")
                }
                begin(name, isTitle: true)
            } else if !classes.isDisjoint(with: ResultPage.snippets) {
                begin(name, isTitle: false)
            } else if capture?.element == name {
                capture?.depth += 1
            }
        }

        private mutating func begin(_ name: String, isTitle: Bool) {
            capture = (name, 1, isTitle)
            words = ""
        }

        private mutating func close(_ name: String) {
            guard let open = capture, open.element == name else { return }
            capture?.depth -= 1
            guard open.depth == 1 else { return }
            let text = words.split(whereSeparator: \.isWhitespace).joined(separator: " ")
            if open.isTitle {
                hit?.title = String(text.prefix(300))
            } else if hit?.snippet.isEmpty == true {
                hit?.snippet = String(text.prefix(1_000))
            }
            capture = nil
        }

        mutating func finish() {
            capture = nil
            if let hit, !hit.title.isEmpty, !hits.contains(where: { $0.url == hit.url }) {
                hits.append(hit)
            }
            hit = nil
        }
    }
}

/// Where a link of the page leads in the end.
enum Target {
    /// nil for what is no page of the web outside: advertisements, DuckDuckGo's own pages, scripts.
    static func url(_ link: String) -> String? {
        var url = link.hasPrefix("//") ? "https:" + link : link
        if link.hasPrefix("/"), !link.hasPrefix("//") { url = "https://duckduckgo.com" + link }
        if isOwn(url) {
            guard url.contains("/l/?"), let inner = query("uddg", of: url) else { return nil }
            url = inner
        }
        let isPlain = url.unicodeScalars.allSatisfy { $0.value > 32 && $0.value != 127 }
        guard url.hasPrefix("https://") || url.hasPrefix("http://"), isPlain, !isOwn(url),
            url.utf8.count <= 2_048
        else { return nil }
        return url
    }

    private static func isOwn(_ url: String) -> Bool {
        guard let start = url.firstRange(of: "://")?.upperBound else { return false }
        let host = url[start...].prefix { !"/?#:".contains($0) }.lowercased()
        return host == "duckduckgo.com" || host.hasSuffix(".duckduckgo.com")
    }

    private static func query(_ name: String, of url: String) -> String? {
        guard let start = url.firstIndex(of: "?") else { return nil }
        for pair in url[url.index(after: start)...].split(separator: "&")
        where pair.hasPrefix(name + "=") {
            return unescape(pair.dropFirst(name.utf8.count + 1))
        }
        return nil
    }

    private static func unescape(_ text: Substring) -> String? {
        var out: [UInt8] = []
        var bytes = text.utf8[...]
        while let byte = bytes.popFirst() {
            guard byte == UInt8(ascii: "%") else {
                out.append(byte == UInt8(ascii: "+") ? 32 : byte)
                continue
            }
            guard let value = UInt8(String(decoding: bytes.prefix(2), as: UTF8.self), radix: 16)
            else { return nil }
            out.append(value)
            bytes = bytes.dropFirst(2)
        }
        return String(validating: out, as: UTF8.self)
    }
}
