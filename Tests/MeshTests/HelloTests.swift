import Crypto
import EventLoop
import Glibc
import MeshContract
import SP
import Testing

@testable import Mesh

/// Who is believed on the network.
@Suite("Hello", .timeLimit(.minutes(1)))
struct HelloTests {
    @Test("a stranger is told nothing but how to say hello", arguments: Way.network)
    func strangers(way: Way) async throws {
        let rig = try Rig(way)
        try rig.serve(LabBench().routes)
        let stranger = try Stranger(rig)
        for method in ["ping", "info", "stats", "describe", "echo", "nothing"] {
            #expect(try await stranger.call(method, as: "admin")?.code == .unauthenticated)
        }
        #expect(try await stranger.instance().count == 16)
        let stats = try await rig.client(as: "admin").stats(Lab.name)
        #expect(stats.turnedAway["unproven"] == 6)
    }

    @Test("hello binds a connection to one caller, whatever its calls say", arguments: Way.network)
    func binds(way: Way) async throws {
        let rig = try Rig(way)
        try rig.serve(LabBench().routes)
        let (friend, ally) = (rig.identity("friend"), rig.identity("ally"))
        let stranger = try Stranger(rig)
        let instance = try await stranger.instance()
        #expect(try await stranger.hello(friend?.sign(for: Lab.name, instance)) == nil)
        #expect(try await stranger.call() == nil)
        #expect(try await stranger.call("guarded", as: "friend", body: [0xA0]) == nil)
        #expect(try await stranger.call("ping", body: []) == nil)
        for name in ["ally", "admin"] {
            #expect(try await stranger.call(as: name)?.code == .denied)
        }
        // The connection has gone on; and stays one caller's.
        #expect(try await stranger.call() == nil)
        #expect(try await stranger.hello(friend?.sign(for: Lab.name, instance)) == nil)
        let other = try await stranger.hello(ally?.sign(for: Lab.name, instance))
        #expect(other?.code == .unauthenticated)
        let stats = try await rig.client(as: "admin").stats(Lab.name)
        #expect(stats.turnedAway["names"] == 2)
        #expect(stats.turnedAway["hellos"] == 1)
    }

    /// What is changed about a statement, and the words of its refusal.
    static let lies: [(String, @Sendable (inout Statement) -> Void)] = [
        ("for another service", { $0.audience = "billing" }),
        ("for another start", { $0.instance[0] ^= 1 }),
        ("for another start", { $0.instance = [] }),
        ("by a key that does not count", { $0.key = "0123456789abcdef" }),
        ("by a key that does not count", { $0.caller = "ally" }),
        ("by a key that does not count", { $0.caller = "" }),
        ("of the past", { ($0.issued, $0.expires) = ($0.issued - 90_000, $0.expires - 90_000) }),
        ("of the future", { ($0.issued, $0.expires) = ($0.issued + 90_000, $0.expires + 90_000) }),
        ("for more than 30 seconds", { $0.expires += 1 }),
        ("for more than 30 seconds", { ($0.issued, $0.expires) = (.min, .max) }),
        ("for more than 30 seconds", { $0.expires = $0.issued }),
        ("with a wrong nonce", { $0.nonce = [] }),
        ("for a call", { $0.call = [UInt8](repeating: 0, count: 32) }),
    ]

    @Test("a false introduction is refused, counted, and ends the connection")
    func lies() async throws {
        let rig = try Rig(.tcp)
        try rig.serve(LabBench().routes)
        let friend = try #require(rig.keys.ensure("friend"))
        rig.keys.ensure("ally")
        let identity = try #require(rig.identity("friend"))
        let stranger = try Stranger(rig)
        let instance = try await stranger.instance()
        var refused = 0
        func check(_ signed: SignedStatement, _ words: String) async throws {
            let fault = try await stranger.hello(signed)
            #expect(fault?.code == .unauthenticated)
            #expect(fault?.description.contains(words) == true, "\(words): \(fault as Any)")
            refused += 1
        }
        let good = try identity.sign(for: Lab.name, instance)
        let told = try Envelope.decode(Statement.self, from: good.statement, .internal)
        for (words, lie) in Self.lies {
            var statement = told
            statement.nonce = randomBytes(16)
            lie(&statement)
            try await check(try friend.sign(statement), words)
        }
        // Signed by somebody else, changed afterwards, signed for something else, or not at all.
        try await check(try OwnKey(from: 0).sign(told), "wrong signature")
        var changed = good
        changed.signature[5] ^= 1
        try await check(changed, "wrong signature")
        changed = good
        changed.statement += [0]
        try await check(changed, "unreadable")
        changed = good
        changed.statement = [UInt8](repeating: 0, count: 2_000)
        try await check(changed, "too long")
        let plain = SignedStatement(statement: good.statement, signature: [])
        try await check(plain, "wrong signature")
        // The good one counts once, on whatever connection.
        #expect(try await stranger.hello(good) == nil)
        try await check(good, "that was made before")
        let thief = try Stranger(rig)
        let fault = try await thief.hello(good)
        #expect(fault?.description.contains("that was made before") == true)
        let stats = try await rig.client(as: "admin").stats(Lab.name)
        #expect(stats.turnedAway["hellos"] == refused + 1)
        // Nothing a call could be made with.
        #expect(try await thief.call()?.code == .unauthenticated)
    }

    @Test("what was said to one start of a service means nothing to the next")
    func restart() async throws {
        let rig = try Rig(.tcp)
        try rig.serve(LabBench().routes)
        let stranger = try Stranger(rig)
        let instance = try await stranger.instance()
        let before = try rig.identity("friend")?.sign(for: Lab.name, instance)
        await rig.kill()
        try rig.serve(LabBench().routes)
        let fault = try await stranger.hello(before)
        #expect(fault?.description.contains("for another start of lab") == true)
    }

    @Test("clocks may differ by a few seconds", arguments: [-9_000, 9_000, -90_000, 90_000])
    func clocks(offset: Int64) async throws {
        let rig = try Rig(.tcp)
        try rig.serve(LabBench().routes)
        rig.keys.ensure("friend")
        let directory = rig.directory.identified(as: rig.keys.identity("friend", offset: offset))
        let transport = SocketTransport(directory, on: rig.callerLoop)
        defer { transport.close() }
        let fault = await fault(of: Lab.Echo(text: "x"), MeshClient(transport, as: "friend"))
        #expect(fault?.code == (abs(offset) < 10_000 ? nil : .unauthenticated))
    }

    @Test(
        "who is refused hears why, again at each try, and is let in once it is known",
        arguments: Way.network)
    func redials(way: Way) async throws {
        let rig = try Rig(way)
        try rig.serve(LabBench().routes)
        let key = OwnKey(from: 0)
        rig.keys.write("late", own: [key], known: [])
        let transport = SocketTransport(
            rig.directory.identified(as: rig.keys.identity("late", tls: rig.tls)),
            on: rig.callerLoop)
        defer { transport.close() }
        let client = MeshClient(transport, as: "late")
        for _ in 0..<2 {
            let fault = await fault(of: Lab.Echo(text: "x"), client)
            #expect(fault?.code == .unauthenticated)
            #expect(fault?.message.contains("by a key that does not count") == true)
        }
        rig.keys.write("late", known: [key.known])
        #expect(await eventually { await self.fault(of: Lab.Echo(text: "x"), client) == nil })
        // Without a key of its own there is nothing to say.
        let none = SocketTransport(
            rig.directory.identified(as: rig.keys.identity("nobody", tls: rig.tls)),
            on: rig.callerLoop)
        defer { none.close() }
        let fault = await fault(of: Lab.Echo(text: "x"), MeshClient(none, as: "nobody"))
        #expect(fault?.message.contains("nobody.key: No such file") == true)
    }

    @Test("on ipc a name is believed, until one is proven")
    func local() async throws {
        let rig = try Rig(.ipc)
        let server = MeshServer(LabBench().routes, log: rig.log)
        rig.keys.ensure("friend")
        let listening = try server.listen(
            at: rig.url, on: rig.loop, as: rig.keys.identity(Lab.name))
        let stranger = try Stranger(rig)
        #expect(try await stranger.call(as: "anybody") == nil)
        let instance = try await stranger.instance()
        let signed = try rig.keys.identity("friend").sign(for: Lab.name, instance)
        #expect(try await stranger.hello(signed) == nil)
        #expect(try await stranger.call(as: "anybody")?.code == .denied)
        #expect(try await stranger.call(as: "friend") == nil)
        await listening.stop()
    }

    @Test("without keys nobody listens on the network, without certificates not in private")
    func nothingToKnowBy() throws {
        let rig = try Rig(.tcp)
        let server = MeshServer(LabBench().routes, log: rig.log)
        #expect(throws: Fault.self) { try server.listen(at: rig.url, on: rig.loop) }
        do throws(Fault) {
            _ = try server.listen(
                at: "tls+tcp://127.0.0.1:1", on: rig.loop, as: rig.identity(Lab.name))
            Issue.record("it listens")
        } catch {
            #expect(error.description.contains("ATELIER_MESH_TLS_CERT"))
        }
    }

    private func fault<M: MeshMethod>(of request: M, _ client: MeshClient) async -> Fault? {
        do throws(Fault) {
            _ = try await client.call(request)
            return nil
        } catch {
            return error
        }
    }
}
