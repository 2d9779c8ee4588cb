import Fakes
import MeshContract
import Synchronization
import Testing
import Testkit
import Wire

@testable import GatewayService

@Suite("Runs over a WebSocket", .timeLimit(.minutes(1)))
struct LiveTests {
    @Test("what an event stream says becomes messages, word for word")
    func messages() throws {
        let blocks = """
            : atelier
            retry: 1000

            id: 7
            event: turn.completed
            data: {"seq":7,"data":{"text":"a: b\\n\\nc \\"ü\\" event: x"}}

            : still here

            event: token
            data: {"offset":0}


            """
        let messages = LiveMessage.news(Array(blocks.utf8), of: "run_1")
        #expect(
            messages == [
                #"{"event":"turn.completed","run_id":"run_1","id":7,"#
                    + #""data":{"seq":7,"data":{"text":"a: b\n\nc \"ü\" event: x"}}}"#,
                #"{"event":"token","run_id":"run_1","data":{"offset":0}}"#,
            ])
        let refusal = LiveMessage.refusal(
            Fault(.notFound, "no run \"x\""), run: "x\"", requestID: "r1")
        let json = try WireValue(json: Array(refusal.utf8))
        #expect(json["event"]?.string == "error" && json["run_id"]?.string == "x\"")
        #expect(json["data"]?["status"]?.int == 404)
        #expect(json["data"]?["request_id"]?.string == "r1")
        #expect(LiveMessage.told("pong") == #"{"event":"pong","data":{}}"#)
    }

    /// Keeps what a follower puts.
    private final class Heard: Sendable {
        private let bytes = Mutex<[UInt8]>([])

        var text: String { String(decoding: bytes.withLock { $0 }, as: UTF8.self) }
        func put(_ more: [UInt8]) { bytes.withLock { $0 += more } }
    }

    private func follower(_ rig: Rig, _ feeds: RunFeeds, _ run: String) -> LiveFollower {
        LiveFollower(
            RunWatch(
                mesh: rig.mesh.client(as: "gateway"), feeds: feeds, user: "usr_ada", run: run,
                after: 0))
    }

    @Test("whoever asks for all may go: another one asks, and hears everything")
    func succession() async throws {
        let rig = try await Rig()
        let token = try await rig.user()
        rig.providers.release(0)
        let id = try await rig.makeSession(as: token)
        let feeds = RunFeeds(most: 1, ringBytes: 1 << 16)
        let (first, second) = (follower(rig, feeds, id), follower(rig, feeds, id))
        let (one, two) = (Heard(), Heard())
        let asking = Task { try await first.follow { one.put($0) } }
        #expect(await soon { first.watch.isEntered })
        let waiting = Task { try await second.follow { two.put($0) } }
        #expect(await soon { second.watch.isEntered })
        try await rig.send("POST", "/api/v1/sessions/\(id)/start", as: token)
        #expect(await soon { two.text.contains("event: turn.started") })
        asking.cancel()
        _ = try? await asking.value
        rig.providers.release(nil)
        try await waiting.value
        #expect(second.watch.isEnded && two.text.contains("event: end"))
        #expect(!one.text.contains("event: end"))
        #expect(feeds.count == 0)
    }

    @Test("a follower that is stopped while it waits ends at once, and gives its place back")
    func stopped() async throws {
        let rig = try await Rig()
        let token = try await rig.user()
        let id = try await rig.makeSession(as: token)
        let feeds = RunFeeds(most: 1, ringBytes: 1 << 16)
        let (first, second) = (follower(rig, feeds, id), follower(rig, feeds, id))
        let asking = Task { try await first.follow { _ in } }
        #expect(await soon { first.watch.isEntered })
        let waiting = Task { try await second.follow { _ in } }
        #expect(await soon { second.watch.isEntered })
        second.stop()
        try await waiting.value
        #expect(feeds.count == 1 && !second.watch.isEnded)
        first.stop()
        asking.cancel()
        _ = try? await asking.value
        #expect(feeds.count == 0)
    }

    @Test("a run that is not there, and one too many, are refused")
    func refused() async throws {
        let rig = try await Rig()
        let token = try await rig.user()
        let id = try await rig.makeSession(as: token)
        let feeds = RunFeeds(most: 1, ringBytes: 1 << 16)
        let nobody = follower(rig, feeds, "run_none")
        let missing = await #expect(throws: Fault.self) { try await nobody.follow { _ in } }
        #expect(missing?.code == .notFound && feeds.count == 0)
        let first = follower(rig, feeds, id)
        let following = Task { try await first.follow { _ in } }
        #expect(await soon { first.watch.isEntered })
        let other = follower(rig, feeds, try await rig.makeSession(as: token))
        let busy = await #expect(throws: Fault.self) { try await other.follow { _ in } }
        #expect(busy?.code == .overloaded)
        following.cancel()
        _ = try? await following.value
    }
}
