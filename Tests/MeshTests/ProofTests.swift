import Crypto
import EventLoop
import MeshContract
import SP
import Testing

@testable import Mesh

/// Calls of those who do not introduce themselves, each signed for itself.
@Suite("Signed calls", .timeLimit(.minutes(1)))
struct ProofTests {
    @Test(
        "a signed call is its signer's, and another one has to be signed anew",
        arguments: Way.network)
    func signed(way: Way) async throws {
        let rig = try Rig(way)
        try rig.serve(LabBench().routes)
        let friend = try #require(rig.identity("friend"))
        let stranger = try Stranger(rig)
        let instance = try await stranger.instance()
        for name in ["", "friend"] {
            let proof = try friend.sign(for: Lab.name, instance, call: Stranger.digest())
            #expect(try await stranger.call(as: name, proof: proof) == nil)
        }
        let proof = try friend.sign(
            for: Lab.name, instance, call: Stranger.digest("guarded", body: [0xA0]))
        #expect(try await stranger.call("guarded", body: [0xA0], proof: proof) == nil)
        // No more is proven than these calls.
        #expect(try await stranger.call(as: "friend")?.code == .unauthenticated)
    }

    @Test("a proof for another call, a known one and a false one are refused and counted")
    func refused() async throws {
        let rig = try Rig(.tcp)
        try rig.serve(LabBench().routes)
        let friend = try #require(rig.identity("friend"))
        let stranger = try Stranger(rig)
        let instance = try await stranger.instance()
        let good = try friend.sign(for: Lab.name, instance, call: Stranger.digest())
        let body = try Envelope.encode(Lab.Echo(text: "y"))
        #expect(try await stranger.call(body: body, proof: good)?.code == .unauthenticated)
        #expect(try await stranger.call("who", proof: good)?.code == .unauthenticated)
        #expect(try await stranger.call(as: "ally", proof: good)?.code == .denied)
        #expect(try await stranger.call(proof: good)?.code == .unauthenticated, "it was used")
        var forged = try friend.sign(for: Lab.name, instance, call: Stranger.digest())
        forged.signature[0] ^= 1
        #expect(try await stranger.call(proof: forged)?.code == .unauthenticated)
        // One for a connection is none for a call, and the other way round.
        let hello = try friend.sign(for: Lab.name, instance)
        #expect(try await stranger.call(proof: hello)?.code == .unauthenticated)
        let call = try friend.sign(for: Lab.name, instance, call: Stranger.digest())
        #expect(try await stranger.hello(call)?.code == .unauthenticated)
        // Neither of them was used up by that.
        #expect(try await stranger.call(proof: call) == nil)
        #expect(try await stranger.hello(hello) == nil)
        let stats = try await rig.client(as: "admin").stats(Lab.name)
        #expect(stats.turnedAway["unproven"] == 5)
        #expect(stats.turnedAway["names"] == 1)
    }

    @Test(
        "pynng signs its calls, or says hello, and is believed",
        .enabled("pynng, cbor2 and cryptography are not installed", Python.canSign))
    func pynng() async throws {
        let rig = try Rig(.tcp)
        try rig.serve(LabBench().routes)
        rig.keys.ensure("friend")
        let ended = try await Python.run(
            arguments: ["sign", rig.url, "\(rig.keys.folder)/friend.key"])
        #expect(ended.code == 0, "\(ended.output)")
        let stats = try await rig.client(as: "admin").stats(Lab.name)
        #expect(stats.turnedAway == ["unproven": 4])
    }

    @Test(
        "what was heard is remembered until it counts no longer, and no more than there is room for"
    )
    func nonces() throws {
        var cache = NonceCache(most: 100)
        func statement(_ number: UInt8) -> Statement {
            Statement(
                caller: "a", audience: "b", instance: [], key: "00000000000000aa", issued: 0,
                expires: 0, nonce: [UInt8](repeating: number, count: 16), call: nil)
        }
        let start: Int64 = 1_000_000
        #expect(cache.note(statement(1), at: start) == .new)
        for later in stride(from: Int64(0), to: 50_000, by: 1_000) {
            #expect(cache.note(statement(1), at: start + later) == .known)
        }
        var other = statement(1)
        other.key = "00000000000000ab"
        #expect(cache.note(other, at: start + 49_000) == .new)
        for number in UInt8(2)..<100 {
            #expect(cache.note(statement(number), at: start + 49_000) == .new)
        }
        #expect(cache.note(statement(200), at: start + 49_000) == .full)
        #expect(cache.note(statement(200), at: start + 86_400_000) == .new)
    }
}
