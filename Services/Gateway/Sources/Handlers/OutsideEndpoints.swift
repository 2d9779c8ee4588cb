import Crypto
import HTTP
import Identity
import Log
import MeshContract
import REST
import ServiceKit

/// Sign-in at a provider: `/auth/oidc/start` sends a browser there, `/auth/oidc/callback` takes it
/// back with our page's cookies.
struct OutsideEndpoints: Sendable {
    struct ProviderView: Codable, Sendable {
        /// What `?provider=` takes.
        var id: String
        var name: String
        var url: String
    }

    struct LinkView: Codable, Sendable {
        var id: String
        var issuer: String
        var subject: String
        var createdAt: String
    }

    private static let minutes: Int64 = 10
    private static let callback = "/api/v1/auth/oidc/callback"

    let accounts: Accounts
    let cookie: PageCookie
    let providers: [any SignInProvider]
    private let starts = AttemptLimiter("sign in", perMinute: 60)

    init(accounts: Accounts, cookie: PageCookie, providers: [any SignInProvider]) {
        (self.accounts, self.cookie, self.providers) = (accounts, cookie, providers)
    }

    var all: [Endpoint] {
        [
            .get("/auth/providers", "Lists where else people can sign in", access: .anyone) { _ in
                Page(
                    items: providers.map {
                        ProviderView(
                            id: $0.name, name: $0.title,
                            url: "/api/v1/auth/oidc/start?provider=\($0.name)")
                    })
            },
            .get("/auth/identities", "Lists what others call the user, to sign in by") {
                let links = try await accounts.store.links(of: $0.identity.user)
                return Page(
                    items: links.map {
                        LinkView(
                            id: Accounts.linkID($0.issuer, $0.subject), issuer: $0.issuer,
                            subject: $0.subject, createdAt: rfc3339($0.createdAt))
                    })
            },
            .delete(
                "/auth/identities/{id}",
                "Takes back a sign-in elsewhere, unless it is the last way in", unlink
            ).scoped(.admin),
            Endpoint(
                "GET", "/auth/oidc/start",
                "Sends a browser to sign in (?provider=, ?return_to= a path, ?link=1 to link)",
                access: .anyone, handler: start),
            Endpoint(
                "GET", "/auth/oidc/callback", "Where the provider sends the browser back",
                access: .anyone, handler: finish),
        ]
    }

    @Sendable private func unlink(_ incoming: Incoming) async throws {
        let isGone = try await accounts.unlink(
            incoming.parameter("id"), from: incoming.identity.user, by: Doer(incoming))
        guard isGone else { throw Fault(.notFound, "no such sign-in elsewhere") }
    }

    @Sendable private func start(_ incoming: Incoming) async throws -> Answer {
        do {
            return try await begin(incoming)
        } catch {
            let next = incoming.request.queryValue("return_to")
            return try back(error, SignInFailure(error, beginning: next), incoming)
        }
    }

    /// A browser is led back to our page with a word of what went wrong; all others are told.
    private func back(
        _ error: any Error, _ failure: SignInFailure, _ incoming: Incoming
    ) throws -> Answer {
        guard SignInFailure.isShown(incoming.request), !Task.isCancelled else { throw error }
        if SignInFailure.isOurs(error) {
            accounts.audit.log.error(
                "a sign-in failed", ["request": incoming.requestID, "error": "\(error)"])
        }
        return .bytes(303, headers: [("Location", failure.place), cookie.unbind], [])
    }

    private func begin(_ incoming: Incoming) async throws -> Answer {
        let request = incoming.request
        let wanted = request.queryValue("provider") ?? providers.first?.name ?? ""
        guard let provider = providers.first(where: { $0.name == wanted }) else {
            throw Fault(.invalid, "?provider= \(wanted.prefix(100)) is not set up")
        }
        let returnTo = request.queryValue("return_to") ?? "/"
        guard ReturnPath.isOurs(returnTo) else {
            throw Fault(.invalid, "?return_to= takes a path of our own page")
        }
        let (now, place) = (accounts.ambient.now(), Doer(incoming).place)
        try starts.admit(place, now: now)
        let linking = request.queryValue("link") == "1" ? try await linking(request) : nil
        let attempt = SignInAttempt.make(
            redirect: try OwnAddress.base(of: request, accounts.config) + Self.callback)
        let browser = Base64URL.encode(randomBytes(32))
        let there = try await provider.start(attempt)
        try await accounts.store.begin(
            .init(
                provider: provider.name, browser: Self.hash(browser), attempt: attempt,
                returnTo: returnTo, linking: linking, endsAt: now + Self.minutes * 60_000),
            state: Self.hash(attempt.state), from: place, now: now)
        return .bytes(
            303,
            headers: [
                ("Location", there),
                cookie.bind(browser, seconds: Int(Self.minutes) * 60, for: request),
            ], [])
    }

    /// The account that is to be linked. Only our own page's navigation carries the cookie: no other site
    /// links an account. What somebody puts there who is not signed in, an API key say, would get by a
    /// sign-in of its own all that it was not allowed.
    private func linking(_ request: HTTPRequest) async throws -> AccountStore.Linking {
        guard let token = cookie.token(in: request) else { throw Accounts.refusal }
        let identity = try await accounts.known(token)
        guard let signIn = identity.signIn else {
            throw Fault(
                .denied, "only who is signed in links another sign-in", detail: "sign in first")
        }
        return .init(account: identity.user, signIn: signIn)
    }

    @Sendable private func finish(_ incoming: Incoming) async throws -> Answer {
        var attempt: AccountStore.Attempt?
        do {
            let (found, provider) = try await taken(incoming)
            attempt = found
            return try await complete(found, at: provider, incoming)
        } catch {
            return try back(error, SignInFailure(error, at: attempt), incoming)
        }
    }

    /// The attempt that a browser comes back from, which is gone through with this.
    private func taken(
        _ incoming: Incoming
    ) async throws -> (AccountStore.Attempt, any SignInProvider) {
        let request = incoming.request
        let stale = Fault(
            .invalid, "this sign-in is not known, was gone through already, or took too long",
            detail: "begin again")
        guard let state = request.queryValue("state"), state.utf8.count <= 200,
            let browser = cookie.binding(in: request)
        else { throw stale }
        let found = try await accounts.store.take(
            state: state, hash: Self.hash(state), now: accounts.ambient.now())
        guard let found, constantTimeEqual(found.browser, Self.hash(browser)),
            let provider = providers.first(where: { $0.name == found.provider })
        else { throw stale }
        return (found, provider)
    }

    private func complete(
        _ found: AccountStore.Attempt, at provider: any SignInProvider, _ incoming: Incoming
    ) async throws -> Answer {
        let (request, doer) = (incoming.request, Doer(incoming))
        guard let code = request.queryValue("code"), !code.isEmpty, code.utf8.count <= 4_096 else {
            await accounts.audit.note(
                .logIn, by: doer, outcome: .refused, detail: "\(provider.name): no code")
            throw Fault(.denied, "\(provider.title) did not sign you in")
        }
        do {
            let person = try await provider.finish(
                found.attempt, code: code, issuer: request.queryValue("iss"))
            let account =
                if let linking = found.linking {
                    try await accounts.link(person, by: linking, as: doer)
                } else {
                    try await accounts.account(of: person, by: doer)
                }
            let grant = try await accounts.open(account, method: provider.name, by: doer)
            return .bytes(
                303,
                headers: [("Location", found.returnTo), cookie.unbind]
                    + cookie.keep(grant, for: request), [])
        } catch let fault as Fault {
            guard fault.code == .unauthenticated else { throw fault }
            await accounts.audit.note(
                .logIn, by: doer, outcome: .refused,
                detail: "\(provider.name): \(fault.detail ?? "")")
            accounts.audit.log.info(
                "a sign-in was refused", ["provider": provider.name, "why": fault.detail ?? ""])
            throw Fault(.unauthenticated, "\(provider.title) did not prove who you are")
        }
    }

    private static func hash(_ text: String) -> [UInt8] { SHA256.digest(Array(text.utf8)) }
}

/// Where a sign-in may end: a path of ours and nothing that a browser takes for another host.
enum ReturnPath {
    static func isOurs(_ path: String) -> Bool {
        let bytes = Array(path.utf8)
        guard bytes.first == UInt8(ascii: "/"), bytes.count <= 500 else { return false }
        // "//host" and "/\host" are other hosts to a browser (WHATWG URL).
        guard bytes.count == 1 || (bytes[1] != UInt8(ascii: "/") && bytes[1] != UInt8(ascii: "\\"))
        else { return false }
        return bytes.allSatisfy { $0 > 32 && $0 < 127 && $0 != UInt8(ascii: "\\") }
    }
}
