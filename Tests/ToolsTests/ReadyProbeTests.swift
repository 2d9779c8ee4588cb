import Curl
import EventLoop
import FoundationEssentials
import Glibc
import Testing

@testable import AtelierTools

@Suite("Whether a stack is ready")
struct ReadyProbeTests {
    private func probe(_ body: String, status: Int = 200, instance: String?) async throws -> Bool {
        let folder = "/tmp/atelier-probe-\(getpid())-\(UInt32.random(in: 0 ... .max))"
        try FileManager.default.createDirectory(
            atPath: folder + "/run", withIntermediateDirectories: true)
        if let instance {
            try Data(instance.utf8).write(to: URL(filePath: folder + "/run/instance"))
        }
        let server = try StreamServer { _, peer in peer.answer(status, body) }
        defer { server.stop() }
        let loop = EventLoop()
        let found = await ReadyProbe(http: HTTPClient(on: loop)).isReady(
            port: server.port, in: folder)
        loop.stop()
        try FileManager.default.removeItem(atPath: folder)
        return found
    }

    @Test("a stack of another folder on the same port is not ours, however ready it is")
    func instance() async throws {
        let answer = #"{"status":"ready","instance":"ins_1","services":[]}"#
        #expect(try await probe(answer, instance: "ins_1"))
        #expect(try await !probe(answer, instance: "ins_2"))
        #expect(try await !probe(answer, instance: nil))
        #expect(try await !probe(answer, status: 503, instance: "ins_1"))
    }

    @Test("what tells no instance is taken by its status")
    func older() async throws {
        #expect(try await probe(#"{"status":"ready"}"#, instance: "ins_1"))
        #expect(try await probe("no JSON", instance: nil))
    }
}
