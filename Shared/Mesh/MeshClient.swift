import EventLoop
public import MeshContract

/// The way to every other service: typed calls, each within a deadline.
public struct MeshClient: Sendable {
    /// Tries of a repeatable call, the first included.
    private static let tries = 4
    /// A day, in nanoseconds.
    private static let longest: UInt64 = 86_400_000_000_000

    /// The service that calls, as the others know it.
    public let caller: String
    private let transport: any Transport

    public init(_ transport: any Transport, as caller: String) {
        (self.transport, self.caller) = (transport, caller)
    }

    /// Calls and waits for the reply.
    ///
    /// A call that was lost is made again only when its method is repeatable, and only before the
    /// deadline. Throws the callee's fault, or `timed-out`, `unavailable`, `overloaded` of our own.
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
        _ write: (inout [UInt8]) throws(Fault) -> Void
    ) async throws(Fault) -> Body {
        let end = monotonic() &+ min(time.nanoseconds, Self.longest)
        let current = Call.current
        var head = RequestHead(
            method: method, caller: caller, call: current?.id ?? CallID.make(),
            trace: current?.trace, time: 0)
        var pause: UInt64 = 20_000_000
        for attempt in 1... {
            let now = monotonic()
            let left = now < end ? end - now : 0
            head.time = Int(left / 1_000_000)
            do {
                let answer = try await transport.roundTrip(
                    to: service, try head.message(write), within: .nanoseconds(Int64(left)))
                return try ReplyEnvelope.read(answer)
            } catch {
                let mayRepeat = traits.isRepeatable && attempt < Self.tries
                let asked = UInt64(
                    min(max(error.retryAfterMilliseconds ?? 0, 0), 86_400_000) * 1_000_000)
                let rest = max(UInt64(Double(pause) * Double.random(in: 0.5...1.5)), asked)
                guard mayRepeat, error.code == .unavailable || error.code == .overloaded,
                    rest < Self.longest, monotonic() + rest < end
                else { throw error }
                guard (try? await Task.sleep(for: .nanoseconds(Int64(rest)))) != nil else {
                    throw error
                }
                pause *= 4
            }
        }
        throw Fault(.timedOut, "\(service) did not answer \(method)")
    }
}
