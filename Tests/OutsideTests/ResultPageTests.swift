import Testing

@testable import Outside

@Suite("DuckDuckGo's pages")
struct ResultPageTests {
    /// As html.duckduckgo.com has it, an advertisement among the results.
    static let html = """
        <!DOCTYPE html><html><head><title>swift at DuckDuckGo</title>
        <script>var x = "<a class='result__a' href='https://wrong.example/'>no</a>";</script></head>
        <body><!-- <a class="result__a" href="https://hidden.example/">hidden</a> -->
        <div class="result results_links results_links_deep result--ad">
          <h2 class="result__title"><a rel="nofollow" class="result__a"
            href="https://duckduckgo.com/y.js?ad_domain=shop.example&amp;ad_provider=x">Buy Swift</a></h2>
          <a class="result__snippet" href="https://duckduckgo.com/y.js?ad">Cheap things</a></div>
        <div class="result results_links results_links_deep web-result">
          <h2 class="result__title"><a rel="nofollow" class="result__a"
            href="//duckduckgo.com/l/?uddg=https%3A%2F%2Fwww.swift.org%2Fa%3Fb%3D1%26c%3D2&amp;rut=9f">Swift.org &amp; <b>more</b></a></h2>
          <a class="result__url" href="//duckduckgo.com/l/?uddg=x">www.swift.org</a>
          <a class="result__snippet" href="//duckduckgo.com/l/?uddg=x">A <b>general-purpose</b>
            language&#x27;s home &mdash; fast.</a></div>
        <div class="result web-result"><h2><a class="result__a" href="https://de.wikipedia.org/wiki/Swift">Swift – Wikipedia</a></h2>
          <a class="result__snippet">Möglich.</a></div>
        <div class="result"><a class="result__a" href="javascript:alert(1)">Bad</a></div>
        </body></html>
        """

    /// As lite.duckduckgo.com has it.
    static let lite = """
        <html><body><table border="0">
        <tr class="result-sponsored"><td><a rel="nofollow" href="https://duckduckgo.com/y.js?ad_domain=x" class='result-link'>Ad</a></td></tr>
        <tr class="result-sponsored"><td class='result-snippet'>Sponsored words</td></tr>
        <tr><td valign="top">1.&nbsp;</td><td>
          <a rel="nofollow" href="//duckduckgo.com/l/?uddg=https%3A%2F%2Fwww.swift.org%2F" class='result-link'>Swift.org</a></td></tr>
        <tr><td>&nbsp;</td><td class='result-snippet'>Welcome to <b>Swift</b>.</td></tr>
        <tr><td><span class='link-text'>www.swift.org</span></td></tr>
        <tr><td>2.</td><td><a href="https://example.org/" class='result-link'>Example</a></td></tr>
        </table></body></html>
        """

    static let nothing = """
        <html><body><div class="no-results">No  results found for <b>xqzz</b>.</div></body></html>
        """

    static let challenge = """
        <html><body><form id="challenge-form" action="//duckduckgo.com/anomaly.js">
        <div class="anomaly-modal__title">Unfortunately, bots use DuckDuckGo too.</div></form></body></html>
        """

    private func read(_ text: String) -> ResultPage { ResultPage(reading: Array(text.utf8)) }

    @Test("results come in order, with their true addresses, and without advertisements")
    func htmlForm() {
        #expect(
            read(Self.html)
                == .hits([
                    SearchHit(
                        title: "Swift.org & more", url: "https://www.swift.org/a?b=1&c=2",
                        snippet: "A general-purpose language's home — fast."),
                    SearchHit(
                        title: "Swift – Wikipedia", url: "https://de.wikipedia.org/wiki/Swift",
                        snippet: "Möglich."),
                ]))
    }

    @Test("the lite form is read alike")
    func liteForm() {
        #expect(
            read(Self.lite)
                == .hits([
                    SearchHit(
                        title: "Swift.org", url: "https://www.swift.org/",
                        snippet: "Welcome to Swift."),
                    SearchHit(title: "Example", url: "https://example.org/", snippet: ""),
                ]))
    }

    @Test("no results, a test for robots and another layout are three things")
    func others() {
        #expect(read(Self.nothing) == .nothing)
        #expect(read(Self.challenge) == .challenge)
        let renamed = Self.html.replacing("result__a", with: "res-title")
        #expect(read(renamed) == .unknown)
        #expect(read("") == .unknown)
        #expect(read("<html><body><h1>Welcome to nginx</h1></body></html>") == .unknown)
        // Links without a word in them are no results either.
        let empty = "<a class='result__a' href='https://a.example/'></a>"
        #expect(read(empty) == .unknown)
    }

    @Test("pages cut off anywhere, and pages of junk, are read without harm")
    func hostile() {
        let whole = Array(Self.html.utf8)
        for end in stride(from: 0, to: whole.count, by: 7) {
            _ = ResultPage(reading: Array(whole[..<end]))
        }
        for junk in [
            String(repeating: "<a class=result__a ", count: 5_000),
            String(repeating: "<a class='result__snippet'>", count: 5_000),
            String(repeating: "<", count: 50_000), "<a =x ='\">",
            "<a\u{0}b c=\u{FFFF}>&#0;&#xFFFFFF;",
            String(repeating: "&", count: 50_000),
        ] {
            #expect(read(junk) == .unknown)
        }
        #expect(ResultPage(reading: [0xFF, 0xFE, 0x3C, 0xC3, 0x28]) == .unknown)
    }

    @Test("links lead to pages of the web and nowhere else")
    func targets() {
        #expect(
            Target.url("//duckduckgo.com/l/?uddg=http%3A%2F%2Fa.example%2F") == "http://a.example/")
        #expect(Target.url("/l/?kh=1&uddg=https%3A%2F%2Fa.example%2Fb+c") == nil)
        #expect(Target.url("https://a.example/x") == "https://a.example/x")
        for bad in [
            "", "#", "/settings", "javascript:x", "data:text/html,x", "ftp://a.example/",
            "https://duckduckgo.com/y.js?u3=x", "https://help.duckduckgo.com/",
            "//duckduckgo.com/l/?uddg=javascript%3Ax", "//duckduckgo.com/l/?uddg=%zz",
            "//duckduckgo.com/l/?uddg=https%3A%2F%2Fduckduckgo.com%2Fy.js",
        ] {
            #expect(Target.url(bad) == nil, "\(bad)")
        }
    }
}
