import Console
import EventLoop
import FoundationEssentials
import Mesh
import MeshContract
import ServiceKit
import Testing

@testable import AtelierTools

@Suite("atelier mesh keys")
struct MeshKeysCommandTests {
    private let folder = "/tmp/mesh-keys-\(UInt64.random(in: 0 ... .max))"

    private func run(_ words: String..., at place: String = "a") throws -> ExitCode {
        let workplace = Workplace(environment: ["ATELIER_DATA": "\(folder)/\(place)"])
        defer { workplace.loop.stop() }
        return try MeshKeysCommand(workplace: workplace).run(words)
    }

    private func known(_ service: String, at place: String) -> [KnownKey] {
        KeyRing(folder: "\(folder)/\(place)/keys/mesh").contents().keys[service] ?? []
    }

    @Test("keys are made on one host, trusted on another, replaced and revoked")
    func hosts() throws {
        defer { try? FileManager.default.removeItem(atPath: folder) }  // a test's litter
        #expect(try run("rotate", "billing") == .success)
        let first = try #require(known("billing", at: "a").first)
        let file = "\(folder)/a/keys/mesh/billing.pub"
        #expect(try run("trust", "billing", file, at: "b") == .success)
        #expect(known("billing", at: "b") == [first])
        #expect(try run("rotate", "billing", "--in", "3600", "--overlap", "7200") == .success)
        #expect(try run("trust", "billing", file, at: "b") == .success)
        #expect(known("billing", at: "b") == known("billing", at: "a"))
        #expect(known("billing", at: "b").map(\.until).last == .always)
        #expect(try run("revoke", "billing", first.id, at: "b") == .success)
        #expect(known("billing", at: "b").first?.until == .revoked)
        #expect(try run("list", at: "b") == .success)
        // Here it still signs.
        #expect(throws: Fault.self) { try run("revoke", "billing", first.id) }
    }

    @Test("what is asked wrongly is said")
    func usage() {
        defer { try? FileManager.default.removeItem(atPath: folder) }  // a test's litter
        #expect(throws: UsageError.self) { try run() }
        #expect(throws: UsageError.self) { try run("burn") }
        #expect(throws: UsageError.self) { try run("rotate") }
        #expect(throws: UsageError.self) { try run("rotate", "billing", "--overlap", "5") }
        #expect(throws: UsageError.self) { try run("trust", "billing") }
        #expect(throws: UsageError.self) { try run("trust", "billing", "/nowhere/x.pub") }
        #expect(throws: UsageError.self) { try run("revoke", "billing") }
        #expect(throws: Fault.self) { try run("rotate", "Billing!") }
        #expect(throws: Fault.self) { try run("revoke", "billing", "0123456789abcdef") }
    }
}
