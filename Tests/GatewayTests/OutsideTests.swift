import Contracts
import Curl
import EventLoop
import Fakes
import Mesh
import MeshContract
import ServiceKit
import Synchronization
import Testing
import Testkit
import Wire

@testable import GatewayService

@Suite("People from outside", .serialized, .timeLimit(.minutes(1)))
struct OutsideTests {
    /// For the issuers, which are there before the gateway.
    private static let loop = EventLoop()

    private func rig(
        _ more: [String: String] = [:]
    ) async throws -> (Rig, FakeIssuer, Browser) {
        let issuer = try FakeIssuer(on: Self.loop)
        let rig = try await Rig(environment: issuer.settings.merging(more) { $1 })
        return (rig, issuer, Browser(rig))
    }

    @Test("who signs in at the issuer has an account and our page's cookies, each time the same")
    func signIn() async throws {
        let (rig, _, browser) = try await rig()
        let providers = try await rig.send("GET", "/api/v1/auth/providers").json
        #expect(providers["items"]?.list.compactMap { $0["id"]?.string } == ["oidc", "github"])
        let back = try await browser.leave("?return_to=/sessions%3Fa=b")
        #expect(back.hasPrefix(rig.url + "/api/v1/auth/oidc/callback?code="))
        let answer = try await browser.go(back)
        #expect(answer.status == 303, "\(answer.text)")
        #expect(answer.headers["location"] == "/sessions?a=b")
        #expect(answer.headers.all("set-cookie").count == 3)
        let me = try await browser.me()
        #expect(me["email"]?.string == "ada@example.org")
        #expect(me["name"]?.string == "Ada L.")
        #expect(me["role"]?.string == "user")
        let again = Browser(rig)
        #expect(try await again.go(try await again.leave()).headers["location"] == "/")
        #expect(try await again.me()["id"] == me["id"])
        // Nobody logs in to it with a password.
        for password in ["", "x", Rig.password] {
            let refused = try await rig.send(
                "POST", "/api/v1/auth/login",
                ["email": "ada@example.org", "password": .text(password)])
            #expect(refused.status == 401)
        }
        let sessions = try await browser.go(rig.url + "/api/v1/auth/sessions").json
        #expect(sessions["items"]?[0]?["method"]?.string == "oidc")
    }

    @Test("GitHub's people sign in by its own flow")
    func gitHub() async throws {
        let (rig, issuer, browser) = try await rig()
        issuer.signIn(.init("583231", email: "octo@example.org", name: "Octo"))
        let answer = try await browser.go(try await browser.leave("?provider=github"))
        #expect(answer.status == 303, "\(answer.text)")
        let me = try await browser.me()
        #expect(me["email"]?.string == "octo@example.org")
        let links = try await browser.go(rig.url + "/api/v1/auth/identities").json
        #expect(links["items"]?[0]?["subject"]?.string == "583231")
        #expect(links["items"]?[0]?["issuer"]?.string == issuer.url)
    }

    @Test("a way back counts once, for the browser that began it, for ten minutes")
    func bound() async throws {
        let (rig, _, browser) = try await rig()
        let back = try await browser.leave()
        // Somebody else's browser is not signed in with it, nor the first one after that.
        let other = Browser(rig)
        _ = try await other.leave()
        let foreign = try await other.go(back)
        #expect(foreign.status == 400)
        #expect(try await browser.go(back).status == 400)
        let second = try await browser.leave()
        #expect(try await Browser(rig).go(second).status == 400)
        #expect(try await browser.go(second).status == 303)
        #expect(try await browser.go(second).status == 400)
        let late = try await browser.leave()
        rig.mesh.clock.advance(by: .seconds(600))
        #expect(try await browser.go(late).status == 400)
        let third = try await browser.leave()
        let cut = String(third.prefix { $0 != "?" })
        for query in ["", "?state=x", "?code=x", "?state=\(String(repeating: "s", count: 300))"] {
            #expect(try await browser.go(cut + query).status == 400)
        }
        let state = try #require(third.split(separator: "state=").last)
        #expect(try await browser.go(cut + "?error=access_denied&state=\(state)").status == 403)
        let forged = try await browser.leave()
        let mark = try #require(forged.split(separator: "state=").last)
        #expect(try await browser.go(cut + "?code=forged&state=\(mark)").status == 401)
    }

    @Test("a sign-in ends on our own page and nowhere else")
    func redirects() async throws {
        let (rig, _, browser) = try await rig()
        for place in [
            "https://evil.example", "//evil.example", "/%5Cevil.example", "%2F%2Fevil.example",
            "javascript:alert(1)", "", "/a%0d%0aSet-Cookie:x=y", "/a%5Cb", "/%C3%A9",
        ] {
            let answer = try await browser.go(
                rig.url + "/api/v1/auth/oidc/start?return_to=" + place)
            #expect(answer.status == 400, "\(place)")
        }
        #expect(
            try await browser.go(rig.url + "/api/v1/auth/oidc/start?provider=x").status == 400)
        // Whom we are reached as is not a stranger's to say.
        let strange = try await browser.go(
            rig.url + "/api/v1/auth/oidc/start", headers: [("Host", "evil.example")])
        #expect(strange.status == 503)
        let (known, _, second) = try await self.rig(["ATELIER_PUBLIC_URL": "https://a.example/"])
        let start = try await second.go(known.url + "/api/v1/auth/oidc/start")
        let query = "redirect_uri=https%3A%2F%2Fa.example%2Fapi%2Fv1%2Fauth%2Foidc%2Fcallback"
        #expect(start.headers["location"]?.contains(query) == true)
        #expect(start.headers["set-cookie"]?.contains("SameSite=Lax; Secure") == true)
    }

    @Test("an address that has an account is not taken over; its person links the sign-in instead")
    func linking() async throws {
        let (rig, issuer, browser) = try await rig()
        _ = try await rig.user()
        let refused = try await browser.go(try await browser.leave())
        #expect(refused.status == 409, "\(refused.text)")
        #expect(browser.jar.keys.contains { !$0.hasSuffix("sign_in") } == false)
        #expect(
            try await browser.go(rig.url + "/api/v1/auth/oidc/start?link=1").status == 401)
        try await browser.signIn("ada@example.org")
        #expect(try await browser.go(try await browser.leave("?link=1")).status == 303)
        let fresh = Browser(rig)
        #expect(try await fresh.go(try await fresh.leave()).status == 303)
        #expect(try await fresh.me()["id"]?.string == "usr_ada")
        // What is one account's sign-in does not become another's.
        _ = try await rig.user("bob")
        issuer.signIn(.init("8", email: "carl@example.org"))
        let carl = Browser(rig)
        #expect(try await carl.go(try await carl.leave()).status == 303)
        #expect(try await fresh.go(try await fresh.leave("?link=1")).status == 409)
    }

    @Test("a browser whose sign-in failed is led back to our page, with a word of why")
    func failures() async throws {
        let (rig, issuer, browser) = try await rig()
        _ = try await rig.user()
        let page = [("Accept", "text/html,application/xhtml+xml,*/*;q=0.8")]
        func back(_ url: String) async throws -> String? {
            let answer = try await browser.go(url, headers: page)
            #expect(answer.status == 303, "\(answer.text)")
            #expect(!browser.jar.keys.contains { $0.hasSuffix("_sign_in") })
            return answer.headers["location"]
        }
        let taken = try await browser.leave("?return_to=/runs/a%3Fb=c%26d")
        #expect(try await back(taken) == "/sign-in?error=taken&next=/runs/a%3Fb%3Dc%26d")
        #expect(try await back(taken) == "/sign-in?error=expired")
        let cut = String(taken.prefix { $0 != "?" })
        func state(_ url: String) throws -> String {
            String(try #require(url.split(separator: "state=").last))
        }
        let denied = try state(try await browser.leave())
        #expect(
            try await back(cut + "?error=access_denied&state=\(denied)")
                == "/sign-in?error=refused")
        let forged = try state(try await browser.leave("?return_to=/gates"))
        #expect(
            try await back(cut + "?code=forged&state=\(forged)")
                == "/sign-in?error=unproven&next=/gates")
        let start = rig.url + "/api/v1/auth/oidc/start"
        #expect(try await back(start + "?provider=none") == "/sign-in?error=failed")
        #expect(
            try await back(start + "?link=1&return_to=/settings/account")
                == "/sign-in?error=expired&next=/settings/account")
        // Never to anywhere else, whatever was asked for.
        #expect(
            try await back(start + "?return_to=//evil.example") == "/sign-in?error=failed")
        // A disabled account's person is told so, and no more.
        issuer.signIn(.init("8", email: "carl@example.org"))
        #expect(try await browser.go(try await browser.leave()).status == 303)
        let carl = try #require(try await browser.me()["id"]?.string)
        try await rig.send(
            "PATCH", "/api/v1/admin/users/\(carl)", ["disabled": true], as: try rig.owner)
        #expect(try await back(try await browser.leave()) == "/sign-in?error=disabled")
    }

    @Test("an address that nobody has verified is not taken for somebody's")
    func unverified() async throws {
        let (rig, issuer, browser) = try await rig()
        _ = try await rig.user()
        issuer.signIn(.init("9", email: "ada@example.org", isVerified: false))
        #expect(try await browser.go(try await browser.leave()).status == 303)
        let me = try await browser.me()
        #expect(me["id"]?.string != "usr_ada")
        #expect(me["email"]?.string?.hasSuffix("@outside.invalid") == true)
    }

    @Test("an issuer's token makes an account at first, and is its account's from then on")
    func bearer() async throws {
        let (rig, issuer, _) = try await rig()
        let person = FakeIssuer.Person("42", email: "eve@example.org", name: "Eve")
        let now = rig.mesh.clock.now / 1_000
        func me(_ token: String) async throws -> Rig.Answer {
            try await rig.send("GET", "/api/v1/auth/me", as: token)
        }
        let first = try await me(issuer.token(for: person, at: now))
        #expect(first.status == 200, "\(first.text)")
        #expect(first.json["email"]?.string == "eve@example.org")
        #expect(try await me(issuer.token(for: person, at: now + 1)).json["id"] == first.json["id"])
        #expect(issuer.keyRequests == 1)
        #expect(try await me(issuer.token(for: person, audience: "other", at: now)).status == 401)
        #expect(try await me(issuer.token(for: person, at: now - 700)).status == 401)
        rig.mesh.clock.advance(by: .seconds(31))
        issuer.changeKey(to: "second")
        #expect(try await me(issuer.token(for: person, at: now)).status == 200)
        #expect(issuer.keyRequests == 2)
        issuer.changeKey(to: "third")
        #expect(try await me(issuer.token(for: person, at: now)).status == 401)
        #expect(issuer.keyRequests == 2)
        // It acts as any user does.
        issuer.changeKey(to: "fourth")
        rig.mesh.clock.advance(by: .seconds(31))
        let token = issuer.token(for: person, at: now)
        #expect(try await rig.send("GET", "/api/v1/runs", as: token).status == 200)
        #expect(try await rig.send("GET", "/api/v1/admin/audit", as: token).status == 403)
        let all = try await withThrowingTaskGroup(of: String?.self) { group in
            let other = issuer.token(for: .init("43", email: "two@example.org"), at: now)
            for _ in 0..<8 { group.addTask { try await me(other).json["id"]?.string } }
            return try await group.reduce(into: Set<String?>()) { $0.insert($1) }
        }
        #expect(all.count == 1 && !all.contains(nil))
    }

    @Test("who only watches on gets no account again once it is gone")
    func watching() async throws {
        let (rig, issuer, _) = try await rig()
        let accounts = rig.gateway.accounts
        let token = issuer.token(
            for: .init("42", email: "eve@example.org"), at: rig.mesh.clock.now / 1_000)
        let me = try await rig.send("GET", "/api/v1/auth/me", as: token)
        let id = try #require(me.json["id"]?.string, "\(me.text)")
        let watches = rig.gateway.front.watches
        let isOver = Mutex(false)
        let pass = watches.enter(token) { isOver.withLock { $0 = true } }
        await watches.sweep()
        #expect(!isOver.withLock { $0 })
        _ = try await accounts.store.end(
            id, at: rig.mesh.clock.now, noting: accounts.audit.entry(.accountEnd, by: .operator))
        await watches.sweep()
        #expect(isOver.withLock { $0 })
        #expect(try await accounts.store.find(email: "eve@example.org")?.id == nil)
        // Nor is one made by signing out.
        #expect(try await rig.send("POST", "/api/v1/auth/logout", as: token).status == 204)
        #expect(try await accounts.store.find(email: "eve@example.org")?.id == nil)
        pass.leave()
    }

    @Test("settings that would let in what they should not are refused at the start")
    func settings() {
        for wrong in [
            ["ATELIER_ISSUERS": "https://a.example"], ["CLERK_ISSUER": "https://a.example"],
            ["ATELIER_OIDC_ISSUER": "https://a.example"],
            ["ATELIER_OIDC_ISSUER": "http://a.example", "ATELIER_OIDC_CLIENT_ID": "x"],
            ["ATELIER_GITHUB_CLIENT_ID": "x"], ["ATELIER_PUBLIC_URL": "a.example"],
            [
                "ATELIER_ISSUERS": "https://a.example,https://a.example",
                "ATELIER_ISSUERS_AUDIENCE": "x",
            ],
        ] {
            #expect(throws: Fault.self, "\(wrong)") {
                try GatewayConfig(Settings(environment: wrong))
            }
        }
        #expect(throws: Never.self) {
            try GatewayConfig(
                Settings(environment: [
                    "CLERK_ISSUER": "https://a.example", "FRONTEND_URL": "https://p.example",
                ]))
        }
    }
}
