import EventLoop
import MeshContract
import Nng

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
            }
    }
}

extension NngAnswerer: Listener {}

extension MeshServer {
    /// Answers over libnng; `limit` is the most calls in hand.
    func listenByNng(
        at url: String, on loop: EventLoop, _ limit: Int
    ) throws(Fault) -> Listening {
        var limits = NngAnswerer.Limits()
        // One caller may have all there is to have: admission is ours, and refuses at once.
        limits.calls = max(limits.calls, limit + 1)
        let ending = Ending()
        do {
            let listener = try NngAnswerer(url, on: loop, limits: limits) { [self] connection in
                let session = Session(self) { connection.drop() }
                return { body, call in
                    if ending.hasBegun { return self.refusal }
                    return await session.answer(body, arrived: call.arrived) {
                        call.cancel(after: $0)
                    }
                }
            }
            return Listening(listener: listener, ending: ending)
        } catch {
            throw Fault(.unavailable, "\(error)")
        }
    }
}
