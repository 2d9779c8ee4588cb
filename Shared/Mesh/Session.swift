import EventLoop
import MeshContract
import Synchronization

/// What a session asks of the connection that it belongs to. From any thread.
struct SessionConnection: Sendable {
    /// Ends it.
    var drop: @Sendable () -> Void
    /// Ends it when what was asked has been answered.
    var finish: @Sendable () -> Void = {}
    /// The limits on strangers hold no longer.
    var vouch: @Sendable () -> Void = {}
}

/// One connection as the server sees it: whose it is, once that is proven, and the way to end it.
final class Session: Sendable {
    private struct State {
        var proven: Gatekeeper.Proven?
        /// The ring's edition in which the key was looked at last.
        var edition = 0
        /// Its key has ended, and so does the connection.
        var isOver = false
    }

    private let server: MeshServer
    private let connection: SessionConnection
    /// nil where the kernel vouches for whoever can connect.
    private let gate: Gatekeeper?
    /// True where an unproven name is believed.
    private let isTrusting: Bool
    private let state = Mutex(State())
    /// Counted by the server, for captures.
    private let number: Int

    /// `drop` ends a connection whose other side is one of us for certain.
    convenience init(_ server: MeshServer, drop: @escaping @Sendable () -> Void) {
        self.init(server, SessionConnection(drop: drop), gate: nil, isTrusting: true)
    }

    /// Where `isTrusting`, a name is believed that nobody has proven; one that was proven binds.
    init(
        _ server: MeshServer, _ connection: SessionConnection, gate: Gatekeeper?, isTrusting: Bool
    ) {
        (self.server, self.connection) = (server, connection)
        (self.gate, self.isTrusting) = (gate, isTrusting)
        server.connections.wrappingAdd(1, ordering: .relaxed)
        number = server.sessions.wrappingAdd(1, ordering: .relaxed).newValue
    }

    deinit {
        gate?.forget(ObjectIdentifier(self))
        server.connections.wrappingSubtract(1, ordering: .relaxed)
    }

    /// Answers one request's bytes with a reply's, whatever they hold. `arrived` is when they came,
    /// now if nothing is said; `cancel` is told after what time nobody waits any more.
    nonisolated(nonsending) func answer(
        _ request: [UInt8], arrived: UInt64 = monotonic(),
        cancel: @Sendable (_ after: Duration) -> Void = { _ in }
    ) async -> [UInt8] {
        guard server.captures.isOn else {
            return await server.answer(request, of: self, arrived: arrived, cancel: cancel)
        }
        let captured = server.captures.request(request, from: number)
        let reply = await server.answer(request, of: self, arrived: arrived, cancel: cancel)
        server.captures.reply(reply, to: captured)
        return reply
    }

    /// Answers an introduction.
    func hello(_ body: Body) throws(Fault) -> Hello.Reply {
        guard let gate else { throw Fault(.notFound, "\(server.service) knows no keys") }
        guard !body.range.isEmpty else {
            return Hello.Reply(service: gate.service, instance: gate.instance, isKnown: false)
        }
        let edition = gate.ring.current
        do throws(Fault) {
            let signed = try body.decode(SignedStatement.self, .unauthenticated)
            let proven = try gate.judge(signed, for: nil)
            let isTheirs = state.withLock { state in
                guard state.proven.map({ $0.caller == proven.caller }) ?? true else { return false }
                (state.proven, state.edition) = (proven, edition)
                return true
            }
            guard isTheirs else {
                throw Fault(.unauthenticated, "this connection is another caller's already")
            }
        } catch {
            gate.count(\.hellos, error)
            // Who has been believed before is, until that key ends.
            if state.withLock({ $0.proven == nil }) { connection.finish() }
            throw error
        }
        gate.watch(self)
        connection.vouch()
        return Hello.Reply(service: gate.service, instance: gate.instance, isKnown: true)
    }

    /// Something came that is no request. A stranger gets no second chance.
    func misunderstood(_ why: Fault) {
        guard let gate, !isTrusting, state.withLock({ $0.proven == nil }) else { return }
        gate.count(\.unproven, why)
        connection.finish()
    }

    /// Whose call this is. Throws when that is not proven, and ends the connection.
    func caller(of head: RequestHead, _ body: Body) throws(Fault) -> String {
        guard let gate else { return head.caller }
        let (proven, edition) = state.withLock { ($0.proven, $0.edition) }
        guard let proven else {
            if isTrusting { return head.caller }
            return try named(head, signer(head, body, gate), gate)
        }
        if edition != gate.ring.current, !recheck() {
            throw ended(proven)
        }
        return try named(head, proven.caller, gate)
    }

    /// Ends the connection when its key counts no longer; false then.
    @discardableResult
    func recheck() -> Bool {
        guard let gate, let proven = state.withLock(\.proven) else { return true }
        let edition = gate.ring.current
        guard gate.counts(proven) else {
            // Another key may have proven it meanwhile.
            let (isTheirs, isFirst) = state.withLock { state in
                guard state.proven == proven else { return (false, false) }
                defer { state.isOver = true }
                return (true, !state.isOver)
            }
            guard isTheirs else { return true }
            if isFirst { gate.count(\.revoked, ended(proven)) }
            connection.drop()
            return false
        }
        state.withLock { $0.edition = edition }
        return true
    }

    private func ended(_ proven: Gatekeeper.Proven) -> Fault {
        Fault(.unauthenticated, "the key of \(proven.caller) counts no longer")
    }

    /// The caller of a call that is signed for itself.
    private func signer(
        _ head: RequestHead, _ body: Body, _ gate: Gatekeeper
    ) throws(Fault) -> String {
        do throws(Fault) {
            guard let proof = head.proof else {
                throw Fault(
                    .unauthenticated,
                    "\(gate.service) takes calls from who has said hello, or signs each")
            }
            let proven = try gate.judge(proof, for: Hello.digest(head, body))
            connection.vouch()
            return proven.caller
        } catch {
            gate.count(\.unproven, error)
            connection.finish()
            throw error
        }
    }

    private func named(
        _ head: RequestHead, _ caller: String, _ gate: Gatekeeper
    ) throws(Fault) -> String {
        guard head.caller.isEmpty || head.caller == caller else {
            let fault = Fault(.denied, "\(caller) may not call as \(head.caller)")
            gate.count(\.names, fault)
            throw fault
        }
        return caller
    }
}
