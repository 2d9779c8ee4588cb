import Curl
import EventLoop
import Glibc
import Synchronization
import Testing

/// Has each test of a suite run twice: over connections of our own, and over libcurl's.
struct BothWays: SuiteTrait, TestTrait, TestScoping {
    @TaskLocal static var carriesPlain = true

    var isRecursive: Bool { true }

    func provideScope(
        for test: Test, testCase: Test.Case?, performing function: @Sendable () async throws -> Void
    ) async throws {
        for plain in [true, false] {
            try await Self.$carriesPlain.withValue(plain) { try await function() }
        }
    }
}

extension Trait where Self == BothWays {
    static var bothWays: Self { BothWays() }
}

/// A loop and a client that end with the test.
func withClient(
    limits: HTTPClient.Limits = .init(), _ body: (HTTPClient, EventLoop) async throws -> Void
) async throws {
    let loop = EventLoop()
    var limits = limits
    limits.carriesPlain = BothWays.carriesPlain
    let client = HTTPClient(on: loop, limits: limits)
    defer {
        client.close()
        loop.stop()
    }
    try await body(client, loop)
}

/// A value that one thread leaves for a test to wait for.
final class Promise<Value: Sendable>: Sendable {
    private enum State {
        case empty
        case full(Value)
        case waiting(CheckedContinuation<Value, Never>)
    }
    private let state = Mutex(State.empty)

    func fulfil(_ value: Value) {
        let waiter = state.withLock { state -> CheckedContinuation<Value, Never>? in
            defer { state = .full(value) }
            if case .waiting(let waiter) = state { return waiter }
            return nil
        }
        waiter?.resume(returning: value)
    }

    var value: Value {
        get async {
            await withCheckedContinuation { waiter in
                let ready = state.withLock { state -> Value? in
                    if case .full(let value) = state { return value }
                    state = .waiting(waiter)
                    return nil
                }
                if let ready { waiter.resume(returning: ready) }
            }
        }
    }
}

/// Holds a server's thread until the test lets it go on, once for each time it waits.
final class Gate: Sendable {
    private let ends: (read: Int32, write: Int32)

    init() {
        var pair: [Int32] = [0, 0]
        pipe(&pair)
        ends = (pair[0], pair[1])
    }

    deinit {
        close(ends.read)
        close(ends.write)
    }

    func wait() {
        var byte: UInt8 = 0
        _ = read(ends.read, &byte, 1)
    }

    func open() {
        var byte: UInt8 = 0
        _ = write(ends.write, &byte, 1)
    }
}
