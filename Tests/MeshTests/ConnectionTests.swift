import Glibc
import Mesh
import MeshContract
import Testing

/// What happens to calls when connections come and go.
@Suite("Connections", .timeLimit(.minutes(1)))
struct ConnectionTests {
    @Test("a call made before its service starts waits and succeeds", arguments: Way.sockets)
    func lateStart(way: Way) async throws {
        let rig = try Rig(way)
        let client = rig.client()
        let early = Task { try await client.call(Lab.Echo(text: "early")).text }
        #expect(
            await fault(of: Lab.Echo(text: "x"), client, within: .milliseconds(30))?.code
                == .timedOut)
        try rig.serve(LabBench().routes)
        #expect(try await early.value == "early")
    }

    @Test(
        "a service that drains answers what it has in hand, and takes nothing new",
        arguments: Way.sockets)
    func drain(way: Way) async throws {
        let rig = try Rig(way)
        let bench = LabBench()
        try rig.serve(bench.routes)
        let client = rig.client()
        let inHand = (0..<20).map { _ in Task { await fault(of: Lab.WaitOnce(), client) } }
        await bench.started.reaches(20)
        let stop = Task { await rig.stop(within: .seconds(10)) }
        // The drain has begun when a new call is no longer answered.
        #expect(
            await eventually {
                await fault(of: Lab.Echo(text: "new"), client, within: .milliseconds(20)) != nil
            })
        bench.door.open()
        for call in inHand { #expect(await call.value == nil) }
        await stop.value
        #expect(bench.ended.count == 20)
    }

    @Test("a drain sends the last byte of a large answer before it closes", arguments: Way.sockets)
    func drainLarge(way: Way) async throws {
        let rig = try Rig(way)
        try rig.serve(LabBench().routes)
        let client = rig.client()
        #expect(try await client.call(Lab.Echo(text: "warm")).text == "warm")
        let large = [UInt8](repeating: 7, count: 12 << 20)
        let call = Task {
            try await client.call(Lab.Echo(text: "large", bytes: large), within: .seconds(30))
        }
        #expect(try await eventually { try await client.stats(Lab.name).methods.first?.calls == 2 })
        await rig.stop(within: .seconds(10))
        #expect(try await call.value.bytes?.count == large.count)
    }

    @Test(
        "what is too large is refused on this side, and harms no other call", arguments: Way.sockets
    )
    func tooLarge(way: Way) async throws {
        let rig = try Rig(way)
        let bench = LabBench()
        try rig.serve(bench.routes)
        let client = rig.client()
        let other = Task { await fault(of: Lab.WaitOnce(), client) }
        await bench.started.reaches(1)
        let large = [UInt8](repeating: 0, count: 17 << 20)
        #expect(await fault(of: Lab.Echo(text: "", bytes: large), client)?.code == .invalid)
        bench.door.open()
        #expect(await other.value == nil)
    }
}

/// Places on which a service listens.
@Suite("Places", .timeLimit(.minutes(1)))
struct PlaceTests {
    @Test("the socket's file is for its owner only", arguments: Way.files)
    func mode(way: Way) throws {
        let rig = try Rig(way)
        try rig.serve(LabBench().routes)
        var status = stat()
        #expect(lstat(rig.file, &status) == 0)
        #expect(status.st_mode & S_IFMT == S_IFSOCK)
        #expect(status.st_mode & 0o777 == 0o600)
    }

    @Test("the process's umask is left alone when many listen at once", arguments: Way.files)
    func umasks(way: Way) async throws {
        let before = umask(0o022)
        umask(before)
        let rigs = try (0..<8).map { _ in try Rig(way) }
        try await withThrowingTaskGroup(of: Void.self) { group in
            for rig in rigs { group.addTask { try rig.serve(LabBench().routes) } }
            try await group.waitForAll()
        }
        for rig in rigs {
            var status = stat()
            #expect(lstat(rig.file, &status) == 0 && status.st_mode & 0o777 == 0o600)
        }
        let after = umask(before)
        #expect(after == before)
    }

    @Test("a file left by a dead process is replaced", arguments: Way.files)
    func stale(way: Way) async throws {
        let rig = try Rig(way)
        try RawSocket.leaveBehind(rig.file)
        try rig.serve(LabBench().routes)
        #expect(try await rig.client().call(Lab.Echo(text: "x")).text == "x")
    }

    @Test("a living service keeps its place, and a plain file is not removed", arguments: Way.files)
    func taken(way: Way) async throws {
        let rig = try Rig(way)
        try rig.serve(LabBench().routes)
        let rival = #expect(throws: Fault.self) { try rig.serve(LabBench().routes) }
        #expect(rival?.code == .unavailable)
        #expect(try await rig.client().call(Lab.Echo(text: "mine")).text == "mine")

        let other = try Rig(way)
        close(open(other.file, O_CREAT | O_WRONLY, 0o600))
        #expect(throws: Fault.self) { try other.serve(LabBench().routes) }
        #expect(access(other.file, F_OK) == 0)
    }

    @Test("a taken port is a fault", arguments: Way.ports)
    func takenPort(way: Way) throws {
        let rig = try Rig(way)
        try rig.serve(LabBench().routes)
        #expect(throws: Fault.self) { try rig.serve(LabBench().routes) }
    }

    @Test("a name instead of a number is looked up", arguments: Way.ports)
    func names(way: Way) async throws {
        let port = try freePort()
        let rig = try Rig(way)
        let directory = MeshDirectory(
            folder: "/nowhere", overrides: [Lab.name: "tcp://localhost:\(port)"],
            carrier: way.calling, identity: rig.identity("test"))
        let server = MeshServer(LabBench().routes, log: rig.log)
        let listening = try server.listen(
            at: "tcp://localhost:\(port)", on: rig.loop, carrier: way.serving,
            as: rig.identity(Lab.name))
        let transport = SocketTransport(directory, on: rig.callerLoop)
        defer { transport.close() }
        let client = MeshClient(transport, as: "test")
        #expect(try await client.call(Lab.Echo(text: "x")).text == "x")
        await listening.stop()
    }

    @Test(
        "what is no address is refused",
        arguments: [
            "", "ipc://", "tcp://", "tcp://:80", "tcp://localhost", "tcp://localhost:0",
            "tcp://localhost:65536", "tcp://localhost:http", "http://localhost:80", "/run/x.sock",
            "ipc:///tmp/" + String(repeating: "x", count: 120), "ipc:///tmp/a\u{0}b",
        ], Carrier.tested)
    func addresses(url: String, carrier: Carrier) async throws {
        let rig = try Rig(.ipc)
        let server = MeshServer(LabBench().routes, log: rig.log)
        #expect(throws: Fault.self) {
            try server.listen(at: url, on: rig.loop, carrier: carrier)
        }
        let directory = MeshDirectory(
            folder: "/tmp", overrides: [Lab.name: url], carrier: carrier)
        let client = MeshClient(SocketTransport(directory, on: rig.callerLoop), as: "test")
        #expect(await fault(of: Lab.Echo(text: "x"), client)?.code == .invalid)
    }
}
