import EventLoop
import MeshContract
import Nng
import SP

extension NngCaller: Channel {
    nonisolated(nonsending) func roundTrip(
        _ request: [UInt8], within time: Duration
    ) async throws(ChannelError) -> [UInt8] {
        do {
            return try await call(request, within: time)
        } catch let error as NngCallError {
            throw ChannelError(error)
        } catch {
            throw .cancelled
        }
    }
}

extension ChannelError {
    init(_ error: NngCallError) {
        self =
            switch error {
            case .deadline: .deadline
            case .lost: .lost
            case .closed: .closed
            case .full: .full
            case .tooLarge(let limit): .tooLarge(limit: limit)
            case .leaving: .leaving
            case .refused(let why): .refused(why)
            }
    }
}

extension NngPreface {
    init(_ preface: SPPreface) {
        self.init(every: preface.period) { answer in
            switch preface.next(answer) {
            case .ask(let body): .ask(body)
            case .open: .open
            case .refused(let why): .refused(why)
            case .later: .later
            }
        }
    }
}

extension NngAnswerer: Listener {}

extension MeshServer {
    /// Answers over libnng; `limit` is the most calls in hand. Callers have to prove who they are
    /// where `gate` asks; what else holds for strangers, only our own loop can enforce.
    func listenByNng(
        at address: SPAddress, on loop: EventLoop, _ limit: Int, _ gate: Gatekeeper?,
        _ identity: MeshIdentity?
    ) throws(Fault) -> Listening {
        var limits = NngAnswerer.Limits()
        // One caller may have all there is to have: admission is ours, and refuses at once.
        limits.calls = max(limits.calls, limit + 1)
        let ending = Ending()
        do {
            let listener = try NngAnswerer(
                address.url, on: loop, limits: limits
            ) { [self] connection in
                let ends = SessionConnection(
                    drop: { connection.drop() }, finish: { connection.finish() })
                let session = Session(self, ends, gate: gate, isTrusting: address.isLocal)
                return { body, call in
                    if ending.hasBegun { return self.refusal }
                    return await session.answer(body, arrived: call.arrived) {
                        call.cancel(after: $0)
                    }
                }
            }
            return watched(listener, address, ending, gate, identity, on: loop)
        } catch {
            throw Fault(.unavailable, "\(error)")
        }
    }
}
