import EventLoop
import MeshContract
import Testing
import Testkit

@testable import ProvidersService

@Suite("The bytes of an answer on their way")
struct ServedStreamTests {
    private let loop = EventLoop()
    private static let head = ServedStream.Head(headers: [])
    private static let far = UInt64.max

    private func stream() -> ServedStream { ServedStream("s", alarms: Alarms(on: loop)) { _ in } }

    @Test("what was read is kept until the next read, and then forgotten")
    func forgetting() async throws {
        defer { loop.stop() }
        let stream = stream()
        try await stream.write([1, 2, 3], after: Self.head)
        #expect(try await stream.read(from: 0, until: Self.far).bytes == [1, 2, 3])
        try await stream.write([4], after: Self.head)
        #expect(try await stream.read(from: 0, until: Self.far).bytes == [1, 2, 3, 4])
        #expect(try await stream.read(from: 3, until: Self.far).bytes == [4])
        await expectFault(.invalid) { try await stream.read(from: 0, until: Self.far) }
        await expectFault(.invalid) { try await stream.read(from: 5, until: Self.far) }
        stream.end([5], after: Self.head)
        let last = try await stream.read(from: 4, until: Self.far)
        #expect(last.bytes == [5] && last.isEnded && stream.isOver)
    }

    @Test("a writer is held back by a reader that is slow, and goes on when it reads")
    func holding() async throws {
        defer { loop.stop() }
        let stream = stream()
        let much = [UInt8](repeating: 7, count: ServedStream.highWater + 1)
        async let writing: Void = stream.write(much, after: Self.head)
        let piece = try await stream.read(from: 0, until: Self.far)
        #expect(piece.bytes.count == much.count)
        try await writing
    }

    @Test("a writer that waits is freed when nobody will read")
    func freeing() async throws {
        defer { loop.stop() }
        let stream = stream()
        let much = [UInt8](repeating: 7, count: ServedStream.highWater + 1)
        let writing = Task {
            try await stream.write(much, after: Self.head)
            try await stream.write([1], after: Self.head)
        }
        #expect(await eventually { stream.head != nil })
        stream.interrupt(.gone)
        await #expect(throws: CancellationError.self) { try await writing.value }
        await expectFault(.notFound) { try await stream.read(from: 0, until: Self.far) }
    }

    @Test("the later of two readers has the answer")
    func readers() async throws {
        defer { loop.stop() }
        let stream = stream()
        let first = Task { try await stream.read(from: 0, until: Self.far) }
        let second = Task {
            #expect(await eventually { stream.readers == 1 })
            return try await stream.read(from: 0, until: Self.far)
        }
        await expectFault(.conflict) { try await first.value }
        try await stream.write([1], after: Self.head)
        #expect(try await second.value.bytes == [1])
    }

    @Test("a silence is filled with a sign of life, once the answer has begun")
    func beating() async throws {
        defer { loop.stop() }
        let stream = stream()
        let beat = { [UInt8](": \n\n".utf8) }
        let nothing = try await stream.read(from: 0, until: 0, beat: beat)
        #expect(nothing.bytes.isEmpty && !nothing.isEnded)
        try await stream.write([1], after: Self.head)
        _ = try await stream.read(from: 0, until: 0, beat: beat)
        #expect(try await stream.read(from: 1, until: 0, beat: beat).bytes == beat())
        try await stream.write([2], after: Self.head)
        #expect(try await stream.read(from: 5, until: 0, beat: beat).bytes == [2])
    }

    @Test("an answer whose reader is cancelled and stays away is given up")
    func lease() async throws {
        defer { loop.stop() }
        let stream = stream()
        let reading = Task { try await stream.read(from: 0, until: Self.far) }
        #expect(await eventually { stream.readers == 1 })
        reading.cancel()
        await #expect(throws: CancellationError.self) { try await reading.value }
        #expect(stream.interruption == nil, "it may come back")
        #expect(await eventually { stream.interruption == .gone })
    }
}
