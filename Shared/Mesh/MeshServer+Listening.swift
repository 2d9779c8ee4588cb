public import EventLoop
import Log
public import MeshContract
import SP
import Synchronization

extension MeshServer {
    /// Listens and answers until `stop`. On the network callers have to prove who they are, by the
    /// keys that `identity` knows; `tls+tcp` needs its certificates as well.
    public func listen(
        at url: String, on loop: EventLoop, carrier: Carrier = .loop,
        as identity: MeshIdentity? = nil
    ) throws(Fault) -> Listening {
        let address = try carrier.address(url)
        let gate = identity.map { Gatekeeper(service, $0, log: log) }
        guard address.isLocal || gate != nil else {
            throw Fault(.invalid, "\(url) is on the network, and there are no keys to know callers")
        }
        guard carrier == .loop else {
            addDoor { turnedAway(nil, gate?.refusals) }
            return try listenByNng(at: address, on: loop, limit, gate, identity)
        }
        var limits = SPListener.Limits()
        // One caller may have all there is to have: admission is ours, and refuses at once.
        limits.calls = max(limits.calls, limit + 1)
        if !address.isLocal { limits.strangers = SPListener.Strangers() }
        limits.report = { [log] why in log.debug("a handshake failed", ["why": "\(why)"]) }
        let tls = try address.needs(identity)
        let ending = Ending()
        do {
            let listener = try SPListener(
                address, on: loop, limits: limits, tls: tls?.server
            ) { [self] connection in
                let ends = SessionConnection(
                    drop: { connection.drop() }, finish: { connection.finish() },
                    vouch: { connection.vouch() })
                let session = Session(self, ends, gate: gate, isTrusting: address.isLocal)
                return { body, call in
                    if ending.hasBegun { return self.refusal }
                    return await session.answer(body, arrived: call.arrived) {
                        call.cancel(after: $0)
                    }
                }
            }
            addDoor { [weak listener] in turnedAway(listener?.refusals, gate?.refusals) }
            return watched(listener, address, ending, gate, identity, on: loop)
        } catch {
            throw Fault(.unavailable, "\(error)")
        }
    }

    /// On the network, the keys of those who are connected are looked at from time to time.
    func watched(
        _ listener: any Listener, _ address: SPAddress, _ ending: Ending, _ gate: Gatekeeper?,
        _ identity: MeshIdentity?, on loop: EventLoop
    ) -> Listening {
        guard let gate, let identity, !address.isLocal else {
            return Listening(listener: listener, ending: ending)
        }
        let patrol = Patrol(gate, every: identity.pace.patrol)
        return Listening(
            listener: GuardedListener(listener, patrol, on: loop), ending: ending, gate: gate)
    }
}

private func turnedAway(
    _ below: SPListener.Refusals?, _ above: Gatekeeper.Refusals?
) -> [String: Int] {
    let below = below ?? SPListener.Refusals()
    let all = [
        "crowded": below.crowded, "foreign": below.foreign, "handshakes": below.handshakes,
        "broken": below.broken, "silent": below.silent, "hellos": above?.hellos ?? 0,
        "unproven": above?.unproven ?? 0, "names": above?.names ?? 0,
        "revoked": above?.revoked ?? 0,
    ]
    return all.filter { $0.value > 0 }
}

/// A listener whose callers' keys are looked at from time to time.
final class GuardedListener: Listener {
    private let listener: any Listener
    private let patrol: Patrol
    private let loop: EventLoop

    init(_ listener: any Listener, _ patrol: Patrol, on loop: EventLoop) {
        (self.listener, self.patrol, self.loop) = (listener, patrol, loop)
        loop.perform {
            loop.addTimed(patrol)
            loop.wake(by: patrol.expire(monotonic()))
        }
    }

    func drain() { listener.drain() }
    func isQuiet() async -> Bool { await listener.isQuiet() }

    func close() {
        listener.close()
        loop.perform { [patrol, loop] in loop.removeTimed(patrol) }
    }
}

/// Looks at the keys every now and then: a revoked one must not wait for its next call.
///
/// Unchecked: the variable is touched by the loop's thread only.
final class Patrol: Pollable, @unchecked Sendable {
    private let gate: Gatekeeper
    private let period: UInt64
    private var at: UInt64 = 0

    init(_ gate: Gatekeeper, every period: Duration) {
        (self.gate, self.period) = (gate, period.nanoseconds)
    }

    func ready(_ readiness: Readiness) {}

    func expire(_ now: UInt64) -> UInt64 {
        if now >= at {
            gate.patrol()
            at = now + period
        }
        return at
    }
}
