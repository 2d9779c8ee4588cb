import EventLoop
import Mesh
import MeshContract
import Testing

/// Programs of another make that know the envelope and nothing else of us: they call our services and
/// are called, on either carrier.
@Suite("Programs of others", .timeLimit(.minutes(1)))
struct ForeignTests {
    /// The carrier that calls is the one that serves. On the network callers sign (see `ProofTests`).
    static let ways = Way.files

    @Test(
        "a program in C calls our service",
        .enabled("no C compiler", CPeer.canBeBuilt), arguments: ways)
    func cCalls(way: Way) async throws {
        let peer = try await CPeer()
        let rig = try Rig(way)
        try rig.serve(LabBench().routes)
        let ended = try await peer.run("ask", rig.url)
        #expect(ended.code == 0, "\(ended.output)")
        let stats = try await rig.client().stats(Lab.name)
        #expect(stats.methods.first { $0.method == "echo" }?.calls == 200)
    }

    @Test(
        "our client calls a service in C", .enabled("no C compiler", CPeer.canBeBuilt),
        arguments: ways)
    func cAnswers(way: Way) async throws {
        let peer = try await CPeer()
        let rig = try Rig(way)
        let client = rig.client()
        let url = rig.url
        async let served = peer.run("answer", url, "21")
        #expect(await client.ping(Lab.name, within: .seconds(20)))
        for round in 0..<20 {
            let reply = try await client.call(Lab.Echo(text: "\(round)"), within: .seconds(20))
            #expect(reply.text == "\(round)")
        }
        let ended = try await served
        #expect(ended.code == 0, "\(ended.output)")
    }

    @Test(
        "a program with pynng and cbor2 calls our service",
        .enabled("pynng is not installed", Python.hasPynng), arguments: ways)
    func pythonCalls(way: Way) async throws {
        let rig = try Rig(way)
        try rig.serve(LabBench().routes)
        let ended = try await Python.run("mesh_service.py", arguments: ["ask", rig.url])
        #expect(ended.code == 0, "\(ended.output)")
    }

    @Test(
        "our client calls a service with pynng and cbor2",
        .enabled("pynng is not installed", Python.hasPynng), arguments: ways)
    func pythonAnswers(way: Way) async throws {
        let rig = try Rig(way)
        let client = rig.client()
        let url = rig.url
        async let served = Python.run("mesh_service.py", arguments: ["answer", url, "3"])
        #expect(await client.ping(Lab.name, within: .seconds(20)))
        let sent = Lab.Echo(text: "grüße", bytes: [UInt8](repeating: 9, count: 70_000))
        let reply = try await client.call(sent, within: .seconds(20))
        #expect(reply.text == sent.text && reply.bytes == sent.bytes)
        let fault = await fault(of: Lab.WaitOnce(), client, within: .seconds(20))
        #expect(fault == Fault(.notFound, "no wait-once in Python"))
        let ended = try await served
        #expect(ended.code == 0, "\(ended.output)")
    }
}
