import EventLoop
import Mesh
import MeshContract

/// What a quick method suffers from a slow one beside it.
enum Beside {
    /// `slow` is `none`, `loop`, `pool` or `heavy`: where 20 ms are burnt, one call after the other.
    /// `numbers`: bytes of a request, calls in flight, seconds.
    static func run(
        _ slow: String, at url: String, _ numbers: [Double], on loop: EventLoop
    ) async throws {
        guard numbers.count == 3 else { throw Ends.NoAddress() }
        let mesh = try Ends.client(at: url, on: loop)
        let body = [UInt8](repeating: 1, count: Int(numbers[0]))
        let lap = Lap(seconds: numbers[2])
        let burner = Task(executorPreference: loop) {
            while !Task.isCancelled, slow != "none" {
                if slow == "heavy" {
                    _ = try await mesh.call(BurnApart(milliseconds: 20))
                } else {
                    _ = try await mesh.call(Burn(milliseconds: 20, onPool: slow == "pool"))
                }
            }
        }
        try await Ends.lanes(Int(numbers[1]), lap, on: loop) {
            try await mesh.call(Echo(body: body)).body.count
        }
        burner.cancel()
        lap.report()
    }
}
