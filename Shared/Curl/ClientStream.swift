/// A response whose body arrives while it is read.
///
/// One reader at a time. The server is held back when the reader is slow, and the transfer ends at
/// once when the stream is cancelled or let go, or the task that reads it is cancelled.
public final class ClientStream: Sendable {
    public let status: Int
    public let headers: ResponseHeaders
    private let transfer: Transfer
    private let client: HTTPClient

    init(head: Head, transfer: Transfer, client: HTTPClient) {
        status = head.status
        headers = head.headers
        self.transfer = transfer
        self.client = client
    }

    deinit { client.cancel(transfer) }

    /// The bytes that have come since, never none; nil after the last one. An error is thrown only
    /// once all that came before it has been read.
    public func next() async throws(HTTPClientError) -> [UInt8]? {
        let result = await withTaskCancellationHandler {
            await withUnsafeContinuation { waiter in
                if transfer.wait(.chunk(waiter)) { client.resume(transfer) }
            }
        } onCancel: {
            client.cancel(transfer)
        }
        return try result.get()
    }

    /// Reads what is left, for the body of an error. Bounded by the request's `maxBody`.
    public func rest() async throws(HTTPClientError) -> [UInt8] {
        var all: [UInt8] = []
        while let chunk = try await next() { all += chunk }
        return all
    }

    /// Ends the transfer now; `next()` then throws `cancelled`.
    public func cancel() { client.cancel(transfer) }
}
