import Crypto
import HTTP
import Log
import MeshContract
import REST
import ServiceKit
import Synchronization

/// `Idempotency-Key`: who repeats a request gets the first one's answer, and nothing is done again
/// (draft-ietf-httpapi-idempotency-key-header-07).
///
/// Answers of success are kept for a day, sealed: some show a secret this once. A request that
/// failed made nothing, so its key is free again; what is being answered is known in memory alone,
/// so a crash leaves no key behind that is never answered.
final class KeptAnswers: Sendable {
    static let lifetime: Int64 = 86_400_000
    /// Larger answers are not kept: what is made is then found by the services' own keys.
    static let largest = 1 << 20
    private static let mostBytes = 256 << 20
    private static let largestSorted = 256 << 10
    static let replayed = ("Idempotency-Replayed", "true")

    private let store: KeptAnswerStore
    private let sealing: [UInt8]
    private let ambient: Ambient
    private let room: KeptAnswerStore.Room
    private let log: Log
    private let underWay = Mutex<Set<String>>([])

    init(
        store: KeptAnswerStore, sealing: [UInt8], ambient: Ambient, log: Log,
        room: KeptAnswerStore.Room = .init()
    ) {
        (self.store, self.ambient, self.room) = (store, ambient, room)
        (self.sealing, self.log) = (SHA256.digest(sealing), log)
    }

    /// The kept answer, or the one that `make` gives, kept.
    nonisolated(nonsending) func answer(
        _ incoming: Incoming, at endpoint: Endpoint,
        make: nonisolated(nonsending) () async throws -> Answer
    ) async throws -> Answer {
        guard endpoint.isKeyed, let key = try incoming.idempotencyKey else {
            return try await make()
        }
        let user = incoming.identity.user
        let subject =
            user.isEmpty ? "address \(Network.customer(incoming.request.remote))" : "user \(user)"
        let place = "\(subject)\n\(key)"
        guard underWay.withLock({ $0.insert(place).inserted }) else {
            throw Fault(
                .conflict, "a request with this Idempotency-Key is being answered",
                retryAfterMilliseconds: 1_000)
        }
        defer { _ = underWay.withLock { $0.remove(place) } }
        let fingerprint = Self.fingerprint(incoming, endpoint)
        let now = ambient.now()
        if let row = try await store.find(subject, key, after: now - Self.lifetime) {
            guard row.fingerprint == fingerprint else { throw Problem.usedKey }
            if let known = open(row, place) { return known }
        }
        let answer = try await make()
        guard let text = try Self.text(of: answer) else { return answer }
        await keep(
            .init(
                subject: subject, key: key, fingerprint: fingerprint,
                sealed: AESGCM.seal(text.bytes, key: sealing, context: Array(place.utf8)),
                keptAt: now))
        return .bytes(text.status, headers: text.headers, text.body)
    }

    /// What is done is done: an answer that cannot be kept is given all the same.
    private func keep(_ row: KeptAnswerStore.Row) async {
        do {
            try await store.keep(row, within: room)
        } catch {
            log.warning("an answer was not kept", ["error": "\(error)"])
        }
    }

    /// nil for what was sealed with a key that is gone: it is as good as forgotten.
    private func open(_ row: KeptAnswerStore.Row, _ place: String) -> Answer? {
        guard
            let bytes = AESGCM.open(row.sealed, key: sealing, context: Array(place.utf8)),
            let text = AnswerText(bytes)
        else { return nil }
        return .bytes(text.status, headers: text.headers + [Self.replayed], text.body)
    }

    /// nil for what is not kept: failures, streams, what sets a cookie, what is too large.
    private static func text(of answer: Answer) throws -> AnswerText? {
        switch answer {
        case .json(let status, let value) where (200..<300).contains(status):
            let body = try JSONCoding.encode(value)
            guard body.count <= largest else { return nil }
            return AnswerText(
                status: status, headers: [("Content-Type", "application/json")], body: body)
        case .bytes(let status, let headers, let body)
        where (200..<300).contains(status) && body.count <= largest:
            guard !headers.contains(where: { $0.0.lowercased() == "set-cookie" }) else {
                return nil
            }
            return AnswerText(status: status, headers: headers, body: body)
        case .empty(let status): return AnswerText(status: status, headers: [], body: [])
        case .json, .bytes, .stream, .live, .watched, .webSocket: return nil
        }
    }

    /// What makes a request the same: where it goes, what it asks for, what it brings; and where keys are
    /// made, what an API key may do that asks: what was made for another may be allowed more.
    private static func fingerprint(_ incoming: Incoming, _ endpoint: Endpoint) -> [UInt8] {
        var text = "\(endpoint.method) \(endpoint.path)\n"
        if endpoint.scope == .admin, let scopes = incoming.identity.scopes {
            text += "scopes \(Scope.text(scopes))\n"
        }
        for (name, value) in incoming.parameters.sorted(by: { $0.key < $1.key }) {
            text += "\(name.utf8.count) \(name) \(value.utf8.count) \(value)\n"
        }
        for (name, value) in incoming.request.query {
            text += "?\(name.utf8.count) \(name) \(value.utf8.count) \(value)\n"
        }
        text += "\(incoming.mediaType ?? "")\n"
        // Some clients write the fields of one object in another order each time.
        let isJSON = incoming.mediaType == "application/json"
        let isSmall = incoming.body.count <= largestSorted
        let body = isJSON && isSmall ? JSONCoding.canonical(incoming.body) : nil
        return SHA256.digest(Array(text.utf8) + SHA256.digest(body ?? incoming.body))
    }

    /// Forgets what is outdated, and the oldest past what is kept in all.
    func sweep() async throws {
        try await store.sweep(until: ambient.now() - Self.lifetime, bytes: Self.mostBytes)
    }
}
