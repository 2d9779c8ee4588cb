import Curl
import EventLoop
public import EventStream
import FoundationEssentials
public import Wire

/// Speaks to a stack as any client does: JSON and server-sent events over HTTP.
public struct StackClient: Sendable {
    /// An answer that was not what was asked for.
    public struct Unexpected: Error, CustomStringConvertible {
        public let status: Int
        public let body: String
        public var description: String { "HTTP \(status): \(body.prefix(2_000))" }
    }

    private let url: String
    private let token: String
    private let client: HTTPClient

    public init(_ stack: LiveStack, token: String? = nil) throws {
        self.init(url: stack.url, token: try token ?? stack.token)
    }

    /// For a stack that somebody else keeps.
    public init(url: String, token: String) {
        (self.url, self.token) = (url, token)
        client = HTTPClient(on: EventLoop())
    }

    /// Sends and reads JSON. Throws `Unexpected` unless the status is in the two hundreds.
    @discardableResult
    public func send(
        _ method: String, _ path: String, _ body: WireValue? = nil,
        headers: [(String, String)] = []
    ) async throws -> WireValue {
        let (status, bytes) = try await raw(method, path, body, headers: headers)
        guard (200..<300).contains(status) else {
            throw Unexpected(status: status, body: String(decoding: bytes, as: UTF8.self))
        }
        if bytes.isEmpty { return .null }
        return try JSONDecoder().decode(WireValue.self, from: Data(bytes))
    }

    /// The same for any status and any body.
    public func raw(
        _ method: String, _ path: String, _ body: WireValue? = nil,
        headers: [(String, String)] = []
    ) async throws -> (status: Int, body: [UInt8]) {
        var request = ClientRequest(
            method: method, url: url + path,
            headers: [("Authorization", "Bearer \(token)")] + headers, deadline: .seconds(60))
        if let body {
            request.headers.append(("Content-Type", "application/json"))
            request.body = try Array(JSONEncoder().encode(body))
        }
        let response = try await client.send(request)
        return (response.status, response.body)
    }

    /// Reads a run's stream until it ends or breaks off; `see` answers false to leave.
    public func follow(
        _ run: String, after: Int64 = 0, _ see: (ServerSentEvent) async throws -> Bool
    ) async throws {
        let stream = try await client.stream(
            ClientRequest(
                url: "\(url)/api/v1/runs/\(run)/stream",
                headers: [
                    ("Authorization", "Bearer \(token)"), ("Last-Event-ID", "\(after)"),
                ], maxBody: .max))
        guard stream.status == 200 else {
            if stream.status == 204 { return }
            let body = try await stream.rest()
            throw Unexpected(status: stream.status, body: String(decoding: body, as: UTF8.self))
        }
        var parser = EventStreamParser()
        while let bytes = try await stream.next() {
            for event in parser.feed(bytes) {
                guard try await see(event) else {
                    stream.cancel()
                    return
                }
            }
        }
    }
}

extension ServerSentEvent {
    /// The data as JSON.
    public var json: WireValue {
        get throws { try JSONDecoder().decode(WireValue.self, from: Data(data)) }
    }
}
