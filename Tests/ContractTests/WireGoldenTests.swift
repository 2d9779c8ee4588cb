import Contracts
import FoundationEssentials
import MeshContract
import Testing
import Wire

/// The bytes of the wire, pinned: a sample of each request and reply in diagnostic notation.
@Suite("Contracts as bytes")
struct WireGoldenTests {
    private static let folder =
        "/" + #filePath.split(separator: "/").dropLast(2).joined(separator: "/")
        + "/Fixtures/contracts"

    @Test("a sample of each request and reply is written as it was accepted")
    func accepted() throws {
        try check(Analytics.contract)
        try check(Billing.contract)
        try check(Gateway.contract)
        try check(Orchestrator.contract)
        try check(Providers.contract)
        try check(Sandbox.contract)
        try check(Storage.contract)
    }

    private func check<each M: MeshMethod>(_ contract: Contract<repeat each M>) throws {
        var lines: [String] = []
        for method in repeat (each M).self { lines += try samples(of: method) }
        let path = "\(Self.folder)/\(contract.service).wire.txt"
        let now = lines.joined(separator: "\n") + "\n"
        if ProcessInfo.processInfo.environment["ATELIER_ACCEPT"] == "1" {
            try now.write(toFile: path, atomically: true, encoding: .utf8)
        }
        let old = (try? String(contentsOfFile: path, encoding: .utf8)) ?? ""
        let before = Set(old.split(separator: "\n"))
        let changes = lines.filter { !before.contains($0[...]) }
        #expect(
            old == now,
            """
            The bytes of \(contract.service) have changed; new are:
            \(changes.joined(separator: "\n"))
            If that is meant: ATELIER_ACCEPT=1 swift test --filter ContractTests
            """)
    }

    private func samples<M: MeshMethod>(of method: M.Type) throws -> [String] {
        let request = try M(from: Sampler(isFull: true))
        let reply = try M.Reply(from: Sampler(isFull: true))
        return [
            "\(M.name) request \(try Diagnostic.notation(WireEncoder.encode(request)))",
            "\(M.name) reply \(try Diagnostic.notation(WireEncoder.encode(reply)))",
        ]
    }
}
