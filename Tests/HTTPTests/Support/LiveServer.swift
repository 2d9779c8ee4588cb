import EventLoop
import HTTP
import Synchronization
import TLS

typealias Handler = @Sendable (HTTPRequest, BodyStream, ResponseWriter) async -> Void

extension HTTPLimits {
    /// The defaults, less patient, and changed for one test.
    static func with(_ change: (inout HTTPLimits) -> Void) -> HTTPLimits {
        var limits = HTTPLimits()
        limits.lingerTimeout = .milliseconds(300)
        change(&limits)
        return limits
    }
}

/// Runs a server on loops of its own for the time of `body`, and takes it down.
func withServer<Value: Sendable>(
    loops count: Int = 1, host: String = "127.0.0.1",
    limits: HTTPLimits = .with { _ in }, tls: TLSContext? = nil,
    atOnce: (@Sendable (HTTPRequest) -> ReadyAnswer?)? = nil,
    handler: @escaping Handler = plainHandler,
    _ body: (HTTPServer) async throws -> Value
) async throws -> Value {
    let loops = (0..<count).map { _ in EventLoop() }
    defer { for loop in loops { loop.stop() } }
    let server = try HTTPServer(
        loops: loops, host: host, port: 0, limits: limits, tls: tls, atOnce: atOnce,
        handler: handler)
    do {
        let value = try await body(server)
        await server.drain(within: .milliseconds(50))
        return value
    } catch {
        await server.drain(within: .zero)
        throw error
    }
}

/// `/echo` gives the body back, everything else says that it is well.
let plainHandler: Handler = { request, body, writer in
    guard request.path == "/echo" else {
        await tolerating { () async throws(HTTPError) in
            try await writer.send(
                status: 200, headers: [("Content-Type", "application/json")],
                body: Array(#"{"status":"ok"}"#.utf8))
        }
        return
    }
    await tolerating { () async throws(HTTPError) in
        let bytes = try await body.collect(upTo: 1 << 20)
        try await writer.send(status: 200, body: bytes)
    }
}

/// For handlers whose peer may be gone: leaves the answer to the core.
func tolerating(_ work: () async throws(HTTPError) -> Void) async { _ = try? await work() }

/// A value that one side sets and the other waits for.
final class Box<Value: Sendable>: Sendable {
    private let state = Mutex<(value: Value?, waiting: CheckedContinuation<Value, Never>?)>(
        (nil, nil))

    func set(_ value: Value) {
        let waiting = state.withLock { state in
            state.value = value
            defer { state.waiting = nil }
            return state.waiting
        }
        waiting?.resume(returning: value)
    }

    var now: Value? { state.withLock { $0.value } }

    /// Traps the test run, not the test, when nothing ever comes; the suites carry time limits.
    func wait() async -> Value {
        await withCheckedContinuation { continuation in
            let value = state.withLock { state -> Value? in
                if state.value == nil { state.waiting = continuation }
                return state.value
            }
            if let value { continuation.resume(returning: value) }
        }
    }
}
