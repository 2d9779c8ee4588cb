import Glibc
import Testing

@testable import SP

/// What is sent and what is received, between two ends of a narrow pipe.
@Suite("Buffers")
struct BufferTests {
    /// Two connected sockets that take little at once.
    private struct Pipe: ~Copyable {
        let from: Int32
        let to: Int32

        init(bytes: Int32) throws {
            var ends: [Int32] = [0, 0]
            let kind = SOCK_STREAM.rawValue | SOCK_NONBLOCK.rawValue | SOCK_CLOEXEC.rawValue
            try #require(socketpair(AF_UNIX, Int32(kind), 0, &ends) == 0)
            (from, to) = (ends[0], ends[1])
            var room = bytes
            setsockopt(from, SOL_SOCKET, SO_SNDBUF, &room, 4)
        }

        deinit {
            close(from)
            close(to)
        }
    }

    private struct Got: Equatable {
        let number: UInt32
        let body: [UInt8]
    }

    private static func body(_ number: UInt32, _ size: Int) -> [UInt8] {
        (0..<size).map { UInt8(truncatingIfNeeded: $0 &* 31 &+ Int(number)) }
    }

    private static let mixed = [
        0, 1, 250, 8_191, 8_192, 3, 16_375, 16_380, 16_384, 16_385, 40, 65_536, 65_537, 200_000, 7,
        1 << 20, 16_380, 16_380, 100, 70_000, 70_000, 2,
    ]

    @Test(
        "messages cross a narrow pipe whole and in order, however they are cut",
        arguments: [0, 1], [2_304, 20_000, 200_000])
    func narrow(prefix: Int, bytes: Int32) throws {
        let pipe = try Pipe(bytes: bytes)
        var out = SendBuffer()
        var inbox = ReceiveBuffer(
            prefix: prefix, expected: SPFrames.request, limit: Ceiling(2 << 20))
        out.append(raw: SPFrames.greeting(SPFrames.request))
        var sent: [Got] = []
        for (index, size) in Self.mixed.enumerated() {
            let one = Got(number: 0x8000_0000 + UInt32(index), body: Self.body(7, size))
            sent.append(one)
            out.append(number: one.number, body: one.body, prefix: prefix)
        }
        var got: [Got] = []
        while got.count < sent.count {
            let isOpen = out.write(to: SPStream(descriptor: pipe.from, session: nil))
            try #require(isOpen)
            let isAlive = inbox.read(from: SPStream(descriptor: pipe.to, session: nil)) { message in
                let number = UInt32(bigEndian: message.header.loadUnaligned(as: UInt32.self))
                got.append(Got(number: number, body: message.body))
                return .taken
            }
            try #require(isAlive)
        }
        #expect(got == sent)
        let isUnfinished = inbox.isUnfinished
        #expect(out.count == 0 && !isUnfinished)
    }

    @Test("what is behind a pause is handed out later, and nothing is lost")
    func pause() throws {
        let pipe = try Pipe(bytes: 400_000)
        var out = SendBuffer()
        var inbox = ReceiveBuffer(prefix: 1, expected: SPFrames.request, limit: Ceiling(2 << 20))
        out.append(raw: SPFrames.greeting(SPFrames.request))
        for (index, size) in Self.mixed.enumerated() {
            out.append(number: 0x8000_0000 + UInt32(index), body: Self.body(1, size), prefix: 1)
        }
        var sizes: [Int] = []
        while sizes.count < Self.mixed.count {
            let isOpen = out.write(to: SPStream(descriptor: pipe.from, session: nil))
            try #require(isOpen)
            let before = sizes.count
            let take: (Incoming) -> ReceiveBuffer.Verdict = { message in
                sizes.append(message.body.count)
                return .pause
            }
            let isAlive = inbox.read(from: SPStream(descriptor: pipe.to, session: nil), take)
            try #require(isAlive)
            #expect(sizes.count <= before + 1)
            while true {
                let before = sizes.count
                let isFine = inbox.handOut(take)
                try #require(isFine)
                if sizes.count == before { break }
            }
        }
        #expect(sizes == Self.mixed)
    }

    @Test("a length past the limit and a stack without an end are refused at once")
    func refused() throws {
        let endless = [UInt8](repeating: 0, count: 400)
        let frames: [[UInt8]] = [
            [1, 0, 0, 0, 0, 0, 0x20, 0, 1], [1, 0, 0, 0, 0, 0, 0, 0, 0],
            [1, 0, 0, 0, 0, 0, 0, 1, 0x90] + endless, [1, 0, 0, 0, 0, 0, 1, 0, 0] + endless,
        ]
        for frame in frames {
            let pipe = try Pipe(bytes: 100_000)
            var inbox = ReceiveBuffer(
                prefix: 1, expected: SPFrames.request, limit: Ceiling(2 << 20))
            let bytes = SPFrames.greeting(SPFrames.request) + frame
            try #require(send(pipe.from, bytes, bytes.count, Int32(MSG_NOSIGNAL)) == bytes.count)
            let isAlive = inbox.read(from: SPStream(descriptor: pipe.to, session: nil)) { _ in
                .taken
            }
            #expect(!isAlive)
        }
    }
}
