import Crypto
import HTTP
import REST

/// `/docs`: the reference as a page of our own, which takes nothing from outside.
enum DocsPage {
    static var all: [Endpoint] {
        [
            file("/docs", "The reference, to be read and tried", "text/html", html),
            file("/docs/page.js", "What moves the reference", "text/javascript", script),
            file("/docs/page.css", "How the reference looks", "text/css", style),
        ]
    }

    private static func file(
        _ path: String, _ summary: String, _ type: String, _ text: String
    ) -> Endpoint {
        let bytes = Array(text.utf8)
        let tag = "\"\(SHA256.hex(bytes).prefix(32))\""
        return Endpoint("GET", path, summary, access: .anyone, isRoot: true) { incoming in
            let headers =
                [
                    ("Content-Type", "\(type); charset=utf-8"), ("ETag", tag),
                    ("Cache-Control", "no-cache"),
                ] + WebPage.guards
            let known = incoming.request.headers.all("if-none-match").joined(separator: ",")
            return known.contains(tag)
                ? .bytes(304, headers: headers, []) : .bytes(200, headers: headers, bytes)
        }
        .answers(200, type).also(304, "What is known already")
        .takes(.header("If-None-Match", "The `ETag` of what is known"))
    }

    private static let html = """
        <!doctype html>
        <html lang="en">
        <head>
        <meta charset="utf-8">
        <meta name="viewport" content="width=device-width, initial-scale=1">
        <title>Atelier: the reference</title>
        <link rel="stylesheet" href="/docs/page.css">
        <script src="/docs/page.js" defer></script>
        </head>
        <body>
        <header>
        <h1>Atelier</h1>
        <p id="about">The HTTP interface of this instance. <a href="/openapi.json">openapi.json</a></p>
        <div class="bar">
        <label>Search <input id="search" type="search" autocomplete="off"></label>
        <label>Token <input id="token" type="password" autocomplete="off"
            placeholder="a token or an API key, kept on this page alone"></label>
        <span id="count" role="status"></span>
        </div>
        </header>
        <main id="list"><p>Loading …</p></main>
        <noscript><p>This page needs its script; /openapi.json is the same in plain form.</p></noscript>
        </body>
        </html>

        """
}
