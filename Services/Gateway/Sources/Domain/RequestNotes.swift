import Synchronization

/// What comes to be known of a request on its way: for the headers of its answer, and for the
/// access log.
final class RequestNotes: Sendable {
    struct Facts: Sendable {
        /// As declared, such as `/api/v1/runs/{id}`; nil where nothing matched.
        var route: String?
        var user: String?
        /// The API key's own name.
        var key: String?
        /// Of the body; nil for one whose end was not known when it began.
        var bytes: Int?
        var limits: [(String, String)] = []
        /// True when those limits refused it.
        var isLimited = false
    }

    private let state = Mutex(Facts())

    var facts: Facts { state.withLock { $0 } }

    func route(_ template: String) { state.withLock { $0.route = template } }

    func caller(user: String, key: String?) {
        state.withLock { ($0.user, $0.key) = (user.isEmpty ? nil : user, key) }
    }

    func bytes(_ count: Int?) { state.withLock { $0.bytes = count } }

    /// The narrower limit counts: what is noted later replaces what was noted before.
    func limits(_ headers: [(String, String)], isRefused: Bool) {
        state.withLock { ($0.limits, $0.isLimited) = (headers, isRefused) }
    }
}
