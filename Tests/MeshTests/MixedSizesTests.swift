import EventLoop
import Nng
import SP
import Testing

@testable import Mesh

@Suite("Messages of all sizes")
struct MixedSizesTests {
    @Test(
        "small and large messages side by side arrive whole and as they were",
        arguments: Way.sockets)
    func mixed(way: Way) async throws {
        let folder = try scratchFolder()
        defer { removeFolder(folder) }
        let url = way.isFile ? "ipc://\(folder)/mixed.sock" : "tcp://127.0.0.1:\(try freePort())"
        let address = try #require(SPAddress(url))
        let (here, there) = (EventLoop(), EventLoop())
        let listener: any Listener =
            way.serving == .nng
            ? try NngAnswerer(url, on: there) { _ in { body, _ in body } }
            : try SPListener(address, on: there) { body, _ in body }
        let channel = way.calling.channel(to: address, on: here)
        // Around the edges of what is gathered, read at once, and kept.
        let sizes = [
            0, 1, 100, 32_767, 32_768, 65_510, 65_536, 70_000, 262_144, 300_000, 1 << 20, 3 << 20,
        ]
        try await withThrowingTaskGroup(of: Void.self) { group in
            for round in 0..<6 {
                for size in sizes {
                    // From the loop and from elsewhere: either may be the one that sends.
                    let from: (any TaskExecutor)? = round % 2 == 0 ? here : nil
                    group.addTask(executorPreference: from) {
                        let sent = [UInt8](repeating: UInt8(round), count: size)
                        let came = try await channel.roundTrip(sent, within: .seconds(30))
                        #expect(came == sent)
                    }
                }
            }
            try await group.waitForAll()
        }
        channel.close()
        listener.close()
        here.stop()
        there.stop()
    }
}
