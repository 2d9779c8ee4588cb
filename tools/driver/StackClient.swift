import Curl
import EventLoop
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
        (url, self.token) = (stack.url, try token ?? stack.token)
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
        _ run: String, after: Int64 = 0, _ see: (ServerEvent) async throws -> Bool
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
        var rest: [UInt8] = []
        while let bytes = try await stream.next() {
            rest += bytes
            while let event = ServerEvent.take(from: &rest) {
                guard try await see(event) else {
                    stream.cancel()
                    return
                }
            }
        }
    }
}

/// One event of a stream of ours: one line a field, as the gateway writes it.
public struct ServerEvent: Sendable, Equatable {
    public var id: Int64?
    public var type: String
    public var data: String

    /// The data as JSON.
    public var json: WireValue {
        get throws { try JSONDecoder().decode(WireValue.self, from: Data(data.utf8)) }
    }

    /// The first whole event; comments are passed over.
    static func take(from bytes: inout [UInt8]) -> ServerEvent? {
        while let end = bytes.indices.dropLast().first(where: {
            bytes[$0] == 10 && bytes[$0 + 1] == 10
        }) {
            let text = String(decoding: bytes[..<end], as: UTF8.self)
            bytes.removeFirst(end + 2)
            var event = ServerEvent(id: nil, type: "", data: "")
            for line in text.split(separator: "\n") {
                let parts = line.split(separator: ":", maxSplits: 1).map(String.init)
                let value = parts.count > 1 ? String(parts[1].dropFirst()) : ""
                switch parts.first {
                case "id": event.id = Int64(value)
                case "event": event.type = value
                case "data": event.data += value
                default: continue
                }
            }
            if !event.type.isEmpty { return event }
        }
        return nil
    }
}
