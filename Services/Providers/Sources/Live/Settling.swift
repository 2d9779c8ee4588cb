import Curl
import EventLoop
import Lifecycle

/// Lets responses end whose answers are whole, so that their connections serve the next requests;
/// briefly, for some servers never end them.
final class Settling: Sendable {
    private static let most = 512
    private static let largestRest = 64 << 10
    private static let longest = Duration.seconds(1)

    private let rests: AsyncStream<ClientStream>
    private let submit: AsyncStream<ClientStream>.Continuation
    private let alarms: Alarms
    private let loop: EventLoop

    init(alarms: Alarms, on loop: EventLoop) {
        (self.alarms, self.loop) = (alarms, loop)
        // One too many is let go, which closes its connection.
        (rests, submit) = AsyncStream.makeStream(bufferingPolicy: .bufferingNewest(Self.most))
    }

    func take(_ rest: ClientStream) { submit.yield(rest) }

    var job: Running { Running("settling", run: run) }

    private func run() async {
        await withDiscardingTaskGroup { group in
            for await rest in rests {
                group.addTask(executorPreference: loop) { [self] in await settle(rest) }
            }
        }
    }

    private func settle(_ rest: ClientStream) async {
        let id = alarms.makeID()
        alarms.set(id, at: monotonic() &+ Self.longest.nanoseconds) { rest.cancel() }
        var bytes = 0
        // What goes wrong here is of no interest: the answer is whole.
        while bytes < Self.largestRest, let more = try? await rest.next() { bytes += more.count }
        alarms.cancel(id)
    }
}
