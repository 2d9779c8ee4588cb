import Contracts
import EventLoop
import Lifecycle
import Mesh
import MeshContract
import Testing
import Testkit

@testable import ProvidersService

@Suite("Reading a stream")
struct StreamTests {
    private static let slow = ["OLLAMA_URL": "off", "ATELIER_OFFLINE_PACE_US": "1000000"]

    private func live(on loop: EventLoop) -> LiveAnswer {
        let info = Providers.StreamInfo(
            key: "k", attempt: 1, provider: "p", model: "m", isOffline: false)
        return LiveAnswer(info, digest: "", slot: nil, alarms: Alarms(on: loop))
    }

    private static let completion = Providers.Completion(
        stopReason: "end",
        usage: .init(
            inputTokens: 1, outputTokens: 1, cachedTokens: 0, isEstimated: false, costMicroUSD: nil)
    )

    @Test("pieces are cut between characters, are bounded, and joined are the text exactly")
    func pieces() async throws {
        let loop = EventLoop()
        defer { loop.stop() }
        let live = live(on: loop)
        let text = String(repeating: "aé漢👩‍🚀e\u{301}\n", count: 40_000)
        for piece in text.unicodeScalars.split(separator: "\n", omittingEmptySubsequences: false) {
            try live.append(String(piece) + "\n")
        }
        live.finish(.completed(Self.completion))
        let whole = text + "\n"
        var read: [UInt8] = []
        var offset = 0
        var pieces = 0
        while true {
            let piece = try await live.read(from: offset, until: 0)
            #expect(piece.text.utf8.count <= LiveAnswer.largestPiece)
            #expect(piece.leftProviderAt > 0)
            read += piece.text.utf8
            offset = piece.nextOffset
            pieces += 1
            #expect(offset == read.count)
            if piece.completion != nil { break }
        }
        #expect(read == Array(whole.utf8))
        #expect(pieces == whole.utf8.count / LiveAnswer.largestPiece + 1)
    }

    @Test("an offset within a character or past the end is refused")
    func offsets() async throws {
        let loop = EventLoop()
        defer { loop.stop() }
        let live = live(on: loop)
        try live.append("é")
        #expect(try await live.read(from: 0, until: 0).nextOffset == 2)
        await expectFault(.invalid) { try await live.read(from: 1, until: 0) }
        await expectFault(.invalid) { try await live.read(from: 3, until: 0) }
        await expectFault(.invalid) { try await live.read(from: -1, until: 0) }
    }

    @Test("readers that wait are woken by text, by the end, and by their own deadline")
    func waking() async throws {
        let loop = EventLoop()
        defer { loop.stop() }
        let live = live(on: loop)
        let far = monotonic() + 60_000_000_000
        async let first = live.read(from: 0, until: far)
        async let second = live.read(from: 0, until: far)
        try live.append("one ")
        #expect(try await [first.text, second.text] == ["one ", "one "])
        let nothing = try await live.read(from: 4, until: monotonic() + 5_000_000)
        #expect(nothing == .init(text: "", nextOffset: 4, leftProviderAt: 0, completion: nil))
        async let last = live.read(from: 4, until: far)
        live.finish(.completed(Self.completion))
        #expect(try await last.completion == Self.completion)
    }

    @Test("a wait that is cancelled ends, and gives its place back")
    func cancelledWaits() async throws {
        let loop = EventLoop()
        defer { loop.stop() }
        let live = live(on: loop)
        let far = monotonic() + 60_000_000_000
        for _ in 0..<3 {
            let waits = (0..<LiveAnswer.mostWaits).map { _ in
                Task { try await live.read(from: 0, until: far) }
            }
            for wait in waits { wait.cancel() }
            for wait in waits {
                await #expect(throws: CancellationError.self) { try await wait.value }
            }
        }
    }

    @Test("no more than so many may wait for one answer")
    func waitLimit() async throws {
        let loop = EventLoop()
        defer { loop.stop() }
        let live = live(on: loop)
        let far = monotonic() + 60_000_000_000
        let results = await withTaskGroup(of: Fault?.self) { group in
            for _ in 0...LiveAnswer.mostWaits {
                group.addTask {
                    do {
                        _ = try await live.read(from: 0, until: far)
                        return nil
                    } catch {
                        return error as? Fault
                    }
                }
            }
            // The first to come back is the one too many; it lets the others go.
            var faults = [await group.next()]
            live.finish(.completed(Self.completion))
            for await fault in group { faults.append(fault) }
            return faults
        }
        #expect(results.compactMap { $0 ?? nil }.map(\.code) == [.overloaded])
    }

    @Test("a failed answer gives its text first, and then its fault at every read")
    func failure() async throws {
        let loop = EventLoop()
        defer { loop.stop() }
        let live = live(on: loop)
        try live.append("half")
        live.finish(.failed(Fault(.upstream, "it broke")))
        let piece = try await live.read(from: 0, until: 0)
        #expect(piece.text == "half" && piece.completion == nil)
        await expectFault(.upstream) { try await live.read(from: 4, until: 0) }
        await expectFault(.upstream) { try await live.read(from: 4, until: 0) }
    }

    @Test("an answer past its limit of bytes is refused")
    func largest() async throws {
        let loop = EventLoop()
        defer { loop.stop() }
        let live = live(on: loop)
        let half = String(repeating: "a", count: LiveAnswer.largestAnswer / 2)
        try live.append(half)
        try live.append(half)
        await expectFault(.upstream) { try live.append("a") }
    }

    @Test("only the current attempt of a known key is read")
    func unknown() async throws {
        let rig = try await Rig()
        func read(_ key: String, _ attempt: Int) async throws -> Providers.StreamPiece {
            try await rig.mesh.call(
                Providers.ReadStream(key: key, attempt: attempt, offset: 0, waitMilliseconds: 0))
        }
        await expectFault(.notFound) { try await read("k", 1) }
        await expectFault(.notFound) {
            try await rig.mesh.call(Providers.CancelStream(key: "k"))
        }
        _ = try await rig.read(try await rig.mesh.call(request("k")))
        await expectFault(.conflict) { try await read("k", 2) }
    }

    @Test("a cancelled answer says so, is booked, and is begun again when asked for")
    func cancel() async throws {
        let rig = try await Rig(Self.slow)
        let info = try await rig.mesh.call(request("k"))
        let first = try await rig.mesh.call(
            Providers.ReadStream(key: "k", attempt: 1, offset: 0, waitMilliseconds: 5_000))
        #expect(!first.text.isEmpty && first.completion == nil)
        _ = try await rig.mesh.call(Providers.CancelStream(key: "k"))
        _ = try await rig.mesh.call(Providers.CancelStream(key: "k"))
        await expectFault(.cancelled) { try await rig.read(info) }
        let log = try await rig.mesh.call(Providers.ReadUsage(after: 0, limit: 10))
        #expect(log.entries.map(\.outcome) == ["cancelled"])
        #expect(log.entries[0].usage.inputTokens > 0)
        #expect(try await rig.mesh.call(request("k")).attempt == 2)
    }

    @Test("a service that is killed in the middle is followed by one that begins attempt 2")
    func secondLife() async throws {
        let rig = try await Rig(Self.slow)
        let info = try await rig.mesh.call(request("k"))
        #expect(info.attempt == 1)
        let second = try await SecondLife(after: rig)
        await expectFault(.conflict) { try await Rig.read(info, over: second.mesh) }
        let again = try await second.mesh.call(request("k"))
        #expect(again.attempt == 2)
        let answer = try await Rig.read(again, over: second.mesh)
        #expect(!answer.text.isEmpty)
        // The one that was thought dead ends its attempt: the row is no longer its own.
        _ = try await rig.mesh.call(Providers.CancelStream(key: "k"))
        #expect(try await Rig.read(again, over: second.mesh).text == answer.text)
        let log = try await second.mesh.call(Providers.ReadUsage(after: 0, limit: 10))
        #expect(log.entries.map(\.outcome) == ["completed", "cancelled"])
    }

    @Test("what a dead process has left can be cancelled")
    func cancelAbandoned() async throws {
        let rig = try await Rig(Self.slow)
        let info = try await rig.mesh.call(request("k"))
        let second = try await SecondLife(after: rig)
        _ = try await second.mesh.call(Providers.CancelStream(key: "k"))
        await expectFault(.cancelled) {
            try await Rig.read(info, over: second.mesh)
        }
    }

    @Test("a service that is stopped ends and books what it was writing")
    func stop() async throws {
        let rig = try await Rig(Self.slow)
        let info = try await rig.mesh.call(request("k"))
        rig.node.answers.stop()
        await expectFault(.unavailable) { try await rig.read(info) }
        await expectFault(.unavailable) { try await rig.mesh.call(request("other")) }
        let log = try await rig.mesh.call(Providers.ReadUsage(after: 0, limit: 10))
        #expect(log.entries.map(\.outcome) == ["failed"])
        let second = try await SecondLife(after: rig)
        #expect(try await second.mesh.call(request("k")).attempt == 2)
    }

    @Test("ended answers in memory are bounded, the oldest going first")
    func memory() throws {
        let loop = EventLoop()
        defer { loop.stop() }
        let answers = Answers(limit: 4, alarms: Alarms(on: loop))
        for number in 0..<(Answers.mostEnded + 10) {
            let info = Providers.StreamInfo(
                key: "k\(number)", attempt: 1, provider: "p", model: "m", isOffline: false)
            answers.keep(
                LiveAnswer(
                    info, digest: "", text: "text", newest: 1, end: .completed(Self.completion),
                    alarms: answers.alarms))
        }
        #expect(answers.find("k\(Answers.mostEnded + 9)") != nil)
        #expect(answers.find("k9") == nil)
        #expect(answers.find("k10") != nil)
    }
}
