import Contracts
import MeshContract
import Testing
import Wire

/// Every request and reply as the wire has it: with all fields, and with as few as may be.
@Suite("Requests and replies")
struct RoundTripTests {
    @Test("keep their values on the wire, and show all their fields")
    func all() throws {
        try check(Analytics.contract)
        try check(Billing.contract)
        try check(Gateway.contract)
        try check(Orchestrator.contract)
        try check(Providers.contract)
        try check(Sandbox.contract)
        try check(Storage.contract)
    }

    private func check<each M: MeshMethod>(_ contract: Contract<repeat each M>) throws {
        for method in repeat (each M).self { try check(method) }
    }

    private func check<M: MeshMethod>(_: M.Type) throws {
        try check(M.self, in: M.self)
        try check(M.Reply.self, in: M.self)
    }

    private func check<T: Codable, M: MeshMethod>(_: T.Type, in method: M.Type) throws {
        let place = "\(M.Service.name) \(M.name), \(T.self)"
        for isFull in [true, false] {
            let sampler = Sampler(isFull: isFull)
            let value = try T(from: sampler)
            let bytes = try WireEncoder.encode(value)
            let back = try WireDecoder.decode(T.self, from: bytes)
            #expect(try WireEncoder.encode(back) == bytes, "\(place)")
            guard isFull else { continue }
            // What describes a type must not stop half-way through it.
            #expect(Field.of(T.self).map(\.name) == sampler.names, "\(place)")
        }
    }

    @Test("an older reader takes what a newer writer adds")
    func additions() throws {
        struct New: Codable {
            var account = "a"
            var color = ["green": [1, 2]]
        }
        let old = try WireDecoder.decode(
            Billing.GetStatus.self, from: try WireEncoder.encode(New()))
        #expect(old.account == "a")
    }
}
