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
