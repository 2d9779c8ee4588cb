import HTTP
import REST

/// Held by what may be watched for as long as nobody takes the right back. Who has given it then ends
/// what it was given for.
final class WatchPass: Sendable {
    private let giveBack: @Sendable () -> Void

    /// `giveBack` may be called more than once.
    init(_ giveBack: @escaping @Sendable () -> Void) { self.giveBack = giveBack }

    /// Also when nothing was ever watched with it.
    deinit { giveBack() }

    func leave() { giveBack() }
}

/// A stream that holds passes for as long as it lasts.
final class GuardedStream: WatchedBody {
    private let body: any WatchedBody
    private let passes: [WatchPass]

    init(_ body: any WatchedBody, _ passes: [WatchPass]) {
        (self.body, self.passes) = (body, passes)
    }

    func begin(_ writer: ResponseWriter, ended: @escaping @Sendable () -> Void) {
        body.begin(writer) { [self] in
            for pass in passes { pass.leave() }
            ended()
        }
    }

    func stop() { body.stop() }
}
