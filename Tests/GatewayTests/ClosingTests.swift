import MeshContract
import Synchronization
import Testing

@testable import GatewayService

@Suite("Live streams as a whole")
struct ClosingTests {
    @Test("so many streams are open at once, and a place that is left is free")
    func places() throws {
        let closing = Closing(most: 3)
        let first = try closing.enter {}
        for _ in 0..<2 { _ = try closing.enter {} }
        let fault = #expect(throws: Fault.self) { try closing.enter {} }
        #expect(fault?.code == .overloaded)
        closing.leave(first)
        #expect(closing.count == 2)
        _ = try closing.enter {}
    }

    @Test("at the close every stream is told, once, and none is begun")
    func close() throws {
        let told = Mutex<[Int]>([])
        let closing = Closing(most: 10)
        for number in 0..<4 {
            let place = try closing.enter { told.withLock { $0.append(number) } }
            if number == 2 { closing.leave(place) }
        }
        #expect(!closing.isClosed)
        closing.close()
        #expect(closing.isClosed)
        #expect(told.withLock { $0.sorted() } == [0, 1, 3])
        #expect(throws: Fault.self) { try closing.enter {} }
    }
}
