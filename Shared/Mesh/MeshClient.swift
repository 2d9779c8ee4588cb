public import MeshContract

/// The way to every other service: typed calls, each within a deadline.
public struct MeshClient: Sendable {
    /// Tries of a repeatable call, the first included.
    private static let tries = 4
    private static let longest = Duration.seconds(86_400)

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
    public func call<M: MeshMethod>(
        _ request: M, within time: Duration = .seconds(10)
    ) async throws(Fault) -> M.Reply {
        let reply = try await call(
            M.Service.name, M.name, try Envelope.encode(request), traits: M.traits, within: time)
        return try Envelope.decode(M.Reply.self, from: reply, .internal)
    }

    /// The same below the types: for the reserved methods that every service answers.
    func call(
        _ service: String, _ method: String, _ body: [UInt8], traits: MethodTraits,
        within time: Duration
    ) async throws(Fault) -> [UInt8] {
        let end = ContinuousClock.now + min(max(time, .zero), Self.longest)
        let current = Call.current
        let id = current?.id ?? CallID.make()
        var pause = Duration.milliseconds(20)
        for attempt in 1... {
            let left = max(end - .now, .zero)
            let envelope = RequestEnvelope(
                method: method, caller: caller, call: id, trace: current?.trace,
                time: Int(left / .milliseconds(1)), body: body)
            do {
                return try await once(service, try Envelope.encode(envelope), within: left)
            } catch {
                let mayRepeat = traits.isRepeatable && attempt < Self.tries
                let rest = max(
                    pause * Double.random(in: 0.5...1.5),
                    .milliseconds(error.retryAfterMilliseconds ?? 0))
                guard mayRepeat, error.code == .unavailable || error.code == .overloaded,
                    ContinuousClock.now + rest < end
                else { throw error }
                guard (try? await Task.sleep(for: rest)) != nil else { throw error }
                pause *= 4
            }
        }
        throw Fault(.timedOut, "\(service) did not answer \(method)")
    }

    private func once(
        _ service: String, _ bytes: [UInt8], within time: Duration
    ) async throws(Fault) -> [UInt8] {
        let answer = try await transport.roundTrip(to: service, bytes, within: time)
        let envelope = try Envelope.decode(ReplyEnvelope.self, from: answer, .internal)
        if let fault = envelope.fault { throw fault }
        return envelope.body ?? []
    }
}

/// Names for calls, unique enough to find one in the logs.
public enum CallID {
    public static func make() -> String {
        let digits = Array("0123456789abcdefghjkmnpqrstvwxyz".utf8)
        var number = UInt64.random(in: .min ... .max)
        var text: [UInt8] = []
        for _ in 0..<13 {
            text.append(digits[Int(number & 31)])
            number >>= 5
        }
        return "req_" + String(decoding: text, as: UTF8.self)
    }
}
