import MeshContract
import SP
import Synchronization
import Testing

@testable import Mesh

/// A name that means several machines, and others later.
@Suite("Names", .timeLimit(.minutes(1)))
struct NameTests {
    /// What the directory of names says.
    private final class Book: Sendable {
        let numbers = Mutex<[Int]>([])
        let asked = Tally()
        let urls: [String]
        init(_ urls: [String]) { self.urls = urls }

        func lookUp(_ name: SPAddress) -> [SPAddress] {
            asked.add()
            return numbers.withLock { $0 }.compactMap { SPAddress(name.url, at: urls[$0]) }
        }
    }

    @Test("each address of a name is a replica; new ones are found, vanished ones left")
    func moves() async throws {
        let fleet = try Fleet(.tcp, 3)
        let book = Book(fleet.urls)
        book.numbers.withLock { $0 = [0, 1] }
        try fleet.startAll()
        let client = fleet.client(at: ["tcp://crew.test:7000"], lookUp: book.lookUp)
        _ = try await client.call(Crew.Name())
        #expect(await eventually { client.peers.count { $0.isUp } == 2 })
        #expect(Set(client.peers.map(\.address)) == Set(fleet.urls[...1]))
        // A call in hand at one that vanishes is still answered.
        let held = (0..<2).map { _ in Task { try await client.call(Crew.Hold()).number } }
        for bench in fleet.benches[...1] { await bench.held.reaches(1) }
        book.numbers.withLock { $0 = [1, 2] }
        // A lost connection is a reason to look again.
        await fleet.kill(1)
        #expect(
            await eventually { client.peers.contains { $0.address == fleet.urls[2] && $0.isUp } })
        #expect(client.peers.first { $0.address == fleet.urls[0] }?.isLeaving == true)
        fleet.benches[0].door.open()
        fleet.benches[2].door.open()
        // The other one was lost and made again where somebody was up.
        for call in held { #expect(try await call.value == 0) }
        #expect(await eventually { !client.peers.contains { $0.address == fleet.urls[0] } })
        #expect(try await client.call(Crew.Name()).number == 2)
    }

    @Test("a name that nobody knows yet is asked for again, within the call's time")
    func late() async throws {
        let fleet = try Fleet(.tcp, 1)
        try fleet.startAll()
        let book = Book(fleet.urls)
        let client = fleet.client(at: ["tcp://crew.test:7000"], lookUp: book.lookUp)
        #expect(
            await fault(of: Crew.Name(), client, within: .milliseconds(20))?.code == .timedOut)
        book.numbers.withLock { $0 = [0] }
        #expect(try await client.call(Crew.Name()).number == 0)
        // Nobody knows it for a while: what it meant still holds.
        book.numbers.withLock { $0 = [] }
        let before = book.asked.count
        #expect(await eventually { book.asked.count > before || client.peers.count == 1 })
        #expect(try await client.call(Crew.Name()).number == 0)
    }

    @Test("a name stands for its numbers, of either kind")
    func numbers() throws {
        let name = try #require(SPAddress("tcp://localhost:7000"))
        #expect(name.isName)
        let found = name.lookUp()
        #expect(!found.isEmpty)
        for address in found {
            #expect(!address.isName && address.url == name.url)
            #expect(["tcp://127.0.0.1:7000", "tcp://[::1]:7000"].contains(address.place))
        }
        let fixed = try #require(SPAddress("tcp://127.0.0.1:7000"))
        #expect(!fixed.isName && fixed.lookUp().count == 1)
        #expect(try #require(SPAddress("tcp://[::1]:7000")).place == "tcp://[::1]:7000")
        #expect(try #require(SPAddress("ipc:///tmp/x")).place == "ipc:///tmp/x")
    }
}
