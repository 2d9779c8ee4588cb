import EventLoop

/// The body of a request as it comes in. While nobody asks for it, no more than
/// `HTTPLimits.maxReadAhead` is read, and the peer has to wait.
public final class BodyStream: Sendable {
    private let exchange: Exchange

    init(_ exchange: Exchange) { self.exchange = exchange }

    /// What `Content-Length` says, 0 without a body, nil when the body is chunked.
    public var declaredLength: Int? { exchange.declaredLength }

    /// The next bytes, nil after the last. One reader at a time. The first call tells a peer that
    /// asked (`Expect: 100-continue`) to go on.
    public nonisolated(nonsending) func next() async throws(HTTPError) -> [UInt8]? {
        if exchange.loop.isCurrent, let ready = exchange.takeBody() { return try ready.get() }
        let waiter = Waiter<[UInt8]?>()
        exchange.perform(for: waiter) { [exchange] in exchange.wantBody(waiter) }
        return try await exchange.value(of: waiter)
    }

    /// The whole body, when it is not longer than `limit`; after a longer one nothing is read.
    public nonisolated(nonsending) func collect(
        upTo limit: Int
    ) async throws(HTTPError) -> [UInt8] {
        let declared = declaredLength ?? 0
        guard declared <= limit else { throw tooLarge(limit) }
        var whole: [UInt8] = []
        while let piece = try await next() {
            guard piece.count <= limit - whole.count else { throw tooLarge(limit) }
            if whole.isEmpty { whole = piece } else { whole += piece }
        }
        return whole
    }

    private func tooLarge(_ limit: Int) -> HTTPError {
        exchange.loop.perform { [exchange] in exchange.refuseBody(over: limit) }
        return .bodyTooLarge(limit: limit)
    }
}
