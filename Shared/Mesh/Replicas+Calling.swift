import EventLoop
import MeshContract
import Synchronization

/// One try of a call, and what it says of the replica.
extension Replicas {
    /// What stays the same over the tries of one call.
    struct Errand: Sendable {
        let method: String
        let traits: MethodTraits
        let caller: String
        /// `ping` and its like: asked even of who is left alone, and nobody's failure.
        let isReserved: Bool
    }

    /// The bytes of a request to the one that was picked, which is given back when there are none.
    func message(
        _ head: RequestHead, _ pick: Pick, _ write: (inout [UInt8]) throws(Fault) -> Void
    ) throws(CallFailure) -> [UInt8] {
        do throws(Fault) {
            return try head.message(write)
        } catch {
            finish(pick, .nothing, by: head.caller, at: monotonic())
            throw CallFailure(error, .final)
        }
    }

    /// Asks the one that was picked, and gives it back.
    nonisolated(nonsending) func ask(
        _ pick: Pick, _ message: [UInt8], _ errand: Errand, within left: UInt64, from: UInt64
    ) async throws(CallFailure) -> Body {
        let time = Duration.nanoseconds(Int64(left))
        let answer: [UInt8]
        do throws(ChannelError) {
            answer = try await pick.channel.roundTrip(message, within: time)
        } catch {
            finish(
                pick, Self.outcome(error, errand, left), by: errand.caller, at: monotonic())
            throw CallFailure(error, service, message.count, time, pick.id)
        }
        let now = monotonic()
        do throws(Fault) {
            let body = try ReplyEnvelope.read(answer)
            let took = now &- from
            finish(
                pick, .answered(after: took, isLongPoll: errand.traits.isLongPoll),
                by: errand.caller, at: now)
            if errand.traits.hedge != nil { note(took, of: errand.method) }
            return body
        } catch {
            let failure = CallFailure(answer: error, replica: pick.id)
            finish(
                pick, Self.outcome(failure, errand, now &- from), by: errand.caller, at: now)
            throw failure
        }
    }

    /// Too short a time blames nobody.
    private static let fair: UInt64 = 10_000_000

    private static func outcome(
        _ error: ChannelError, _ errand: Errand, _ left: UInt64
    ) -> Replica.Outcome {
        switch error {
        case .lost: .lost
        case .leaving: .leaving
        case .deadline:
            errand.traits.isLongPoll || errand.isReserved || left < fair ? .nothing : .timedOut
        case .closed, .full, .tooLarge, .cancelled, .absent, .refused: .nothing
        }
    }

    private static func outcome(
        _ failure: CallFailure, _ errand: Errand, _ took: UInt64
    ) -> Replica.Outcome {
        switch failure.cause {
        case .refused: .overloaded(restMilliseconds: failure.fault.retryAfterMilliseconds ?? 0)
        case .leaving: .leaving
        default: .answered(after: took, isLongPoll: errand.traits.isLongPoll)
        }
    }

    // MARK: Retries

    /// True when one more try is in order.
    func mayRetry(isFree: Bool = false, at now: UInt64) -> Bool {
        state.withLock { $0.budget.take(isFree: isFree, at: now) }
    }

    // MARK: Hedges

    /// The most methods whose times are kept; a contract has fewer.
    private static let mostMethods = 256

    private func note(_ took: UInt64, of method: String) {
        state.withLock { state in
            guard state.latencies.count < Self.mostMethods || state.latencies[method] != nil else {
                return
            }
            state.latencies[method, default: Latency()].note(took)
        }
    }

    /// The time within which most answers of a method came; nil while too little is known.
    func slowest(_ method: String) -> UInt64? { state.withLock { $0.latencies[method]?.slowest } }

    /// Another replica that is up, for a hedge; counts against the budget.
    func second(beside first: Pick, at now: UInt64) -> Pick? {
        guard hasOther(than: [first.id]), mayRetry(at: now) else { return nil }
        guard case .pick(let pick) = pick(avoiding: [first.id], mustBeUp: true, at: now) else {
            return nil
        }
        guard pick.id != first.id else {
            finish(pick, .nothing, by: "", at: now)
            return nil
        }
        state.withLock { $0.hedges += 1 }
        return pick
    }

    // MARK: Status

    var peers: [PeerStatus] {
        state.withLock { state in
            state.replicas.map { replica in
                PeerStatus(
                    service: service, address: replica.place, isUp: replica.channel.isUp,
                    isLeaving: replica.isGoing, outstanding: replica.outstanding,
                    circuit: replica.circuit.state.rawValue, failures: replica.circuit.failures,
                    answered: replica.counts.answered, lost: replica.counts.lost,
                    timedOut: replica.counts.timedOut, overloaded: replica.counts.overloaded,
                    meanMicroseconds: Int(replica.mean / 1_000))
            }
        }
    }

    var retries: RetryStatus {
        state.withLock { state in
            RetryStatus(
                service: service, retries: state.budget.granted, hedges: state.hedges,
                denied: state.budget.denied, left: state.budget.left)
        }
    }
}
