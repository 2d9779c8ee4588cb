import MeshContract
import Testing

@testable import GatewayService

@Suite("Live streams as a whole")
struct ClosingTests {
    @Test("so many streams are open at once, and a place that is left is free")
    func places() throws {
        let closing = Closing()
        for _ in 1...Closing.mostStreams { try closing.enter() }
        let fault = #expect(throws: Fault.self) { try closing.enter() }
        #expect(fault?.code == .overloaded)
        closing.leave()
        try closing.enter()
        closing.close()
        closing.leave()
        #expect(throws: Fault.self) { try closing.enter() }
    }

    @Test(
        "a stream ends with its body, with its failure, or with the close", .timeLimit(.minutes(1)))
    func race() async throws {
        struct Broken: Error {}
        let closing = Closing()
        try await closing.race {}
        await #expect(throws: Broken.self) { try await closing.race { throw Broken() } }
        async let endless: Void = closing.race { try await Task.sleep(for: .seconds(600)) }
        closing.close()
        try await endless
        try await closing.race { try await Task.sleep(for: .seconds(600)) }
    }
}
