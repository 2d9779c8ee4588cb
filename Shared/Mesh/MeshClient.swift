import EventLoop
public import MeshContract

/// The way to every other service: typed calls, each within a deadline.
public struct MeshClient: Sendable {
    /// A day, in nanoseconds.
    private static let longest: UInt64 = 86_400_000_000_000

    /// The service that calls, as the others know it.
    public let caller: String
    let transport: any Transport

    public init(_ transport: any Transport, as caller: String) {
        (self.transport, self.caller) = (transport, caller)
    }

    /// Calls and waits for the reply.
    ///
    /// A call that was lost is made again only when its method is repeatable, one that was refused
    /// before it had begun in any case; and only before the deadline, and not more often than the
    /// service's retry budget allows. Throws the callee's fault, or `timed-out`, `unavailable`,
    /// `overloaded` of our own.
    public nonisolated(nonsending) func call<M: MeshMethod>(
        _ request: M, within time: Duration = .seconds(10)
    ) async throws(Fault) -> M.Reply {
        let body = try await call(M.Service.name, M.name, traits: M.traits, within: time) {
            bytes throws(Fault) in try Envelope.append(request, to: &bytes)
        }
        return try body.decode(M.Reply.self, .internal)
    }

    /// The same below the types: for the reserved methods that every service answers. `write`
    /// appends the request's bytes, at each try.
    nonisolated(nonsending) func call(
        _ service: String, _ method: String, traits: MethodTraits, within time: Duration,
        isReserved: Bool = false, _ write: (inout [UInt8]) throws(Fault) -> Void
    ) async throws(Fault) -> Body {
        var now = monotonic()
        let end = now &+ min(time.nanoseconds, Self.longest)
        let replicas = try transport.replicas(of: service)
        let errand = Replicas.Errand(
            method: method, traits: traits, caller: caller, isReserved: isReserved)
        let current = Call.current
        var head = RequestHead(
            method: method, caller: caller, call: current?.id ?? CallID.make(),
            trace: current?.trace, time: 0)
        var retrying = Retrying(traits)
        var isFirst = true
        while true {
            let failure: CallFailure
            do throws(CallFailure) {
                let pick: Replicas.Pick
                if case .pick(let found) = replicas.pick(
                    avoiding: retrying.tried, isReserved: isReserved, isFirst: isFirst, at: now)
                {
                    pick = found
                } else {
                    pick = try await replicas.take(
                        avoiding: retrying.tried, isReserved: isReserved, until: end)
                    now = monotonic()
                }
                isFirst = false
                let left = now < end ? end - now : 0
                head.time = Int(left / 1_000_000)
                let message = try replicas.message(head, pick, write)
                if let hedge = traits.hedge {
                    return try await replicas.hedged(
                        hedge, pick, message, errand, within: left, from: now)
                }
                return try await replicas.ask(pick, message, errand, within: left, from: now)
            } catch {
                failure = error
            }
            now = monotonic()
            let pause = retrying.next(
                after: failure, left: now < end ? end - now : 0,
                hasOther: replicas.hasOther, budget: { replicas.mayRetry(isFree: $0, at: now) })
            guard let pause else { throw retrying.isBroke ? failure.unbudgeted : failure.fault }
            guard pause > 0 else { continue }
            guard (try? await Task.sleep(for: .nanoseconds(Int64(pause)))) != nil else {
                throw failure.fault
            }
            now = monotonic()
        }
    }
}

extension CallFailure {
    /// The fault, and why it was not tried again.
    fileprivate var unbudgeted: Fault {
        Fault(
            fault.code, fault.message,
            detail: fault.detail ?? "not tried again: the retry budget is spent",
            fields: fault.fields, retryAfterMilliseconds: fault.retryAfterMilliseconds,
            notExecuted: fault.notExecuted)
    }
}
