import Curl
import Fakes
import Testing
import Wire

/// A browser: it keeps cookies and follows where it is sent.
final class Browser {
    let rig: Rig
    var jar: [String: String] = [:]

    init(_ rig: Rig) { self.rig = rig }

    @discardableResult
    func go(
        _ url: String, _ method: String = "GET", _ body: WireValue? = nil,
        headers: [(String, String)] = []
    ) async throws -> Rig.Answer {
        let cookies = jar.map { "\($0.key)=\($0.value)" }.joined(separator: "; ")
        var request = ClientRequest(
            method: method, url: url, headers: headers + [("Cookie", cookies)],
            deadline: .seconds(20))
        if method != "GET" { request.headers.append(("Origin", rig.url)) }
        if let body {
            request.headers.append(("Content-Type", "application/json"))
            request.body = try body.json
        }
        let response = try await rig.http.send(request)
        for set in response.headers.all("set-cookie") {
            let pair = set.prefix { $0 != ";" }.split(
                separator: "=", maxSplits: 1, omittingEmptySubsequences: false)
            jar[String(pair[0])] = set.contains("Max-Age=0;") ? nil : String(pair[1])
        }
        return .init(status: response.status, headers: response.headers, body: response.body)
    }

    /// From our start to the provider; answers with where it sends the browser back.
    func leave(_ query: String = "") async throws -> String {
        let start = try await go(rig.url + "/api/v1/auth/oidc/start" + query)
        #expect(start.status == 303, "\(start.text)")
        let there = try #require(start.headers["location"])
        let back = try await rig.http.send(ClientRequest(url: there, deadline: .seconds(20)))
        return try #require(back.headers["location"])
    }

    /// By password, on our own page.
    func signIn(_ email: String, password: String = Rig.password) async throws {
        let answer = try await go(
            rig.url + "/api/v1/auth/session", "POST",
            ["email": .text(email), "password": .text(password)])
        #expect(answer.status == 200, "\(answer.text)")
    }

    func me() async throws -> WireValue {
        try await go(rig.url + "/api/v1/auth/me").json
    }
}
