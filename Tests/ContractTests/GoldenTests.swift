import Contracts
import FoundationEssentials
import MeshContract
import Testing

/// The wire, pinned: what a service promises changes on purpose or not at all.
@Suite("Contracts")
struct GoldenTests {
    struct Golden: Sendable, CustomTestStringConvertible {
        let service: String
        let methods: [MethodCard]
        var testDescription: String { service }
    }

    static let all = [
        golden(Analytics.contract), golden(Billing.contract), golden(Gateway.contract),
        golden(Orchestrator.contract), golden(Providers.contract), golden(Sandbox.contract),
        golden(Storage.contract),
    ]

    private static func golden<each M: MeshMethod>(_ contract: Contract<repeat each M>) -> Golden {
        Golden(service: contract.service, methods: contract.methods)
    }

    private static let folder =
        "/" + #filePath.split(separator: "/").dropLast(2).joined(separator: "/")
        + "/Fixtures/contracts"

    @Test("a contract is as it was accepted", arguments: all)
    func accepted(golden: Golden) throws {
        let path = "\(Self.folder)/\(golden.service).txt"
        let now = golden.methods.map(\.signature).joined(separator: "\n")
        if ProcessInfo.processInfo.environment["ATELIER_ACCEPT"] == "1" {
            try now.write(toFile: path, atomically: true, encoding: .utf8)
        }
        let old = try? String(contentsOfFile: path, encoding: .utf8)
        let changes = Self.changes(from: old ?? "", to: now)
        #expect(
            old == now,
            """
            The wire of \(golden.service) has changed:
            \(changes)
            If that is meant: ATELIER_ACCEPT=1 swift test --filter ContractTests
            """)
    }

    private static func changes(from old: String, to new: String) -> String {
        let before = old.split(separator: "\n", omittingEmptySubsequences: false)
        let after = new.split(separator: "\n", omittingEmptySubsequences: false)
        return after.difference(from: before).map { change in
            switch change {
            case .insert(let line, let text, _): "+ \(line + 1): \(text)"
            case .remove(let line, let text, _): "- \(line + 1): \(text)"
            }
        }.joined(separator: "\n")
    }

    @Test("each method has a name of its own and a sentence", arguments: all)
    func names(golden: Golden) {
        let names = golden.methods.map(\.name)
        #expect(Set(names).count == names.count)
        let reserved: Set = ["ping", "info", "stats", "describe", "mesh.capture"]
        for card in golden.methods {
            #expect(!reserved.contains(card.name), "the mesh answers \(card.name) itself")
            #expect(card.name.utf8.allSatisfy { (97...122).contains($0) || $0 == 45 })
            #expect(card.summary.hasSuffix(".") && card.summary.count <= 100, "\(card.summary)")
        }
    }

    @Test("the services have names of their own, and callers are services")
    func services() {
        let names = Set(Self.all.map(\.service)).union(["admin"])
        #expect(names.count == 8)
        for card in Self.all.flatMap(\.methods) {
            for caller in card.traits.callers ?? [] { #expect(names.contains(caller)) }
        }
    }
}
