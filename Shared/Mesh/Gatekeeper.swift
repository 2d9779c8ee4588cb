import Crypto
import EventLoop
import Log
import MeshContract
import Synchronization

/// Judges who is on the other side of a connection from the network. One for each listening of a
/// service.
final class Gatekeeper: Sendable {
    /// A caller and the key that has proven it.
    struct Proven: Equatable, Sendable {
        let caller: String
        let key: String
    }

    /// What was turned away since the start.
    struct Refusals: Sendable, Equatable {
        /// Introductions that were not believed.
        var hellos = 0
        /// Calls of which nobody can tell whose they are.
        var unproven = 0
        /// Calls in the name of somebody else than who proved himself.
        var names = 0
        /// Connections ended because their key counts no longer.
        var revoked = 0
    }

    private struct State {
        var nonces = NonceCache()
        var refusals = Refusals()
        var welcomed = 0
        var sessions: [ObjectIdentifier: Guest] = [:]
    }

    private struct Guest { weak var session: Session? }

    let service: String
    let ring: KeyRing
    /// Which start of the service this is.
    let instance = randomBytes(Statement.bytes)
    private let now: @Sendable () -> Int64
    private let log: Log
    private let state = Mutex(State())

    init(_ service: String, _ identity: MeshIdentity, log: Log) {
        (self.service, self.log) = (service, log)
        (ring, now) = (identity.ring, identity.now)
    }

    /// Introductions that were believed.
    var welcomed: Int { state.withLock { $0.welcomed } }

    var refusals: Refusals { state.withLock { $0.refusals } }

    typealias Reason = any WritableKeyPath<Refusals, Int> & Sendable

    /// Quietly: who floods us must not fill the log.
    func count(_ reason: Reason, _ why: Fault) {
        state.withLock { $0.refusals[keyPath: reason] += 1 }
        log.debug("somebody was turned away", ["why": "\(why)"])
    }

    // MARK: Statements

    /// Who made this statement, if it may be believed: now, here and for the first time. `digest`
    /// is the call's that it must be for; nil for a connection.
    func judge(_ signed: SignedStatement, for digest: [UInt8]?) throws(Fault) -> Proven {
        guard signed.statement.count <= SignedStatement.largest else { throw refusal("too long") }
        let statement = try Envelope.decode(
            Statement.self, from: signed.statement, .unauthenticated)
        let now = now()
        // What costs little comes first: a stranger pays more for the question than we for no.
        guard statement.audience == service else { throw refusal("for another service") }
        guard statement.instance == instance else {
            throw refusal(
                "for another start of \(service); say hello without a body to learn of it")
        }
        guard statement.call == digest else {
            throw refusal(digest == nil ? "for a call" : "for another call")
        }
        guard statement.nonce.count == Statement.bytes else { throw refusal("with a wrong nonce") }
        let lasts = statement.expires.subtractingReportingOverflow(statement.issued)
        guard !lasts.overflow, lasts.partialValue > 0, lasts.partialValue <= Statement.lasts else {
            throw refusal("for more than \(Statement.lasts / 1_000) seconds")
        }
        guard statement.expires > now - Statement.skew else { throw refusal("of the past") }
        guard statement.issued <= now + Statement.skew else { throw refusal("of the future") }
        ring.refresh()
        var known = ring.key(statement.key, of: statement.caller, at: now)
        if known == nil {
            // It may have been made just now.
            ring.refresh(atOnce: true)
            known = ring.key(statement.key, of: statement.caller, at: now)
        }
        guard let key = known else { throw refusal("by a key that does not count") }
        let message = SignedStatement.signed(signed.statement, isCall: digest != nil)
        guard Ed25519.verify(signed.signature, of: message, by: key) else {
            throw refusal("with a wrong signature")
        }
        let since = Int64(monotonic() / 1_000_000)
        switch state.withLock({ $0.nonces.note(statement, at: since) }) {
        case .new: return Proven(caller: statement.caller, key: statement.key)
        case .known: throw refusal("that was made before")
        case .full: throw Fault(.overloaded, "\(service) has heard too many statements")
        }
    }

    private func refusal(_ why: String) -> Fault {
        Fault(.unauthenticated, "\(service) does not believe a statement \(why)")
    }

    // MARK: Sessions

    /// From now on `session` is ended when its key counts no longer.
    func watch(_ session: Session) {
        state.withLock { state in
            state.welcomed += 1
            state.sessions[ObjectIdentifier(session)] = Guest(session: session)
        }
    }

    func forget(_ id: ObjectIdentifier) {
        state.withLock { $0.sessions[id] = nil }
    }

    func counts(_ proven: Proven) -> Bool {
        ring.key(proven.key, of: proven.caller, at: now()) != nil
    }

    /// Looks at the keys again, and ends the sessions of those that count no longer.
    func patrol() {
        ring.refresh()
        let sessions = state.withLock { $0.sessions.values.compactMap(\.session) }
        for session in sessions { session.recheck() }
    }
}
