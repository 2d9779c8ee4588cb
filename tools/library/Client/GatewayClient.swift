import Console
import Curl
import FoundationEssentials
import ServiceKit

/// The product's HTTP surface as the command line uses it.
struct GatewayClient: Sendable {
    /// How often a request that the gateway never answered is sent again, under the same key.
    static let tries = 3

    let http: HTTPClient
    let address: String
    let token: String

    func get<Reply: Decodable>(_ path: String, as type: Reply.Type = Reply.self) async throws
        -> Reply
    {
        try decode(await send(request("GET", path)), as: type)
    }

    /// Posts once: what is repeated carries the key of the first try.
    func post<Reply: Decodable>(
        _ path: String, _ body: some Encodable = [String: String](), as type: Reply.Type
    ) async throws -> Reply {
        try decode(
            await send("POST", path, Array(try JSONEncoder().encode(body))), as: type)
    }

    /// Puts a body in the place of what is there.
    func put<Reply: Decodable>(
        _ path: String, _ body: some Encodable, as type: Reply.Type
    ) async throws -> Reply {
        try decode(
            await send("PUT", path, Array(try JSONEncoder().encode(body))), as: type)
    }

    /// Sends JSON that is bytes already, once: the same as `post` and `put` otherwise.
    func send<Reply: Decodable>(
        _ method: String, _ path: String, json: [UInt8], as type: Reply.Type
    ) async throws -> Reply {
        try decode(await send(method, path, json), as: type)
    }

    func delete(_ path: String) async throws { _ = try await send(request("DELETE", path)) }

    /// A body that is no JSON to us: a file.
    func bytes(_ path: String) async throws -> [UInt8] {
        try await send(request("GET", path, accept: "*/*")).body
    }

    private func send(
        _ method: String, _ path: String, _ body: [UInt8]
    ) async throws -> ClientResponse {
        var request = request(method, path)
        request.body = body
        request.headers.append(("Content-Type", "application/json"))
        if method == "POST" {
            request.headers.append(
                ("Idempotency-Key", timeOrderedID("cli", at: wallMilliseconds())))
        }
        return try await send(request)
    }

    /// Opens a run's events after the last one seen; nil when there will be none.
    func events(_ path: String, after last: String?) async throws -> ClientStream? {
        var request = request("GET", path, accept: "text/event-stream")
        if let last { request.headers.append(("Last-Event-ID", last)) }
        request.deadline = nil
        request.maxBody = .max
        let stream = try await http.stream(request)
        if stream.status == 204 { return nil }
        guard stream.status == 200 else {
            throw GatewayError.refused(Problem(status: stream.status, body: try await rest(stream)))
        }
        return stream
    }

    // MARK: One request

    private func request(
        _ method: String, _ path: String, accept: String = "application/json"
    ) -> ClientRequest {
        ClientRequest(
            method: method, url: address + "/api/v1" + path,
            headers: [("Authorization", "Bearer \(token)"), ("Accept", accept)],
            connectTimeout: .seconds(5), deadline: .seconds(60), maxBody: 64 << 20)
    }

    private func send(_ request: ClientRequest) async throws -> ClientResponse {
        var pause = Duration.milliseconds(200)
        for attempt in 1... {
            do {
                let response = try await http.send(request)
                guard response.status >= 300 else { return response }
                let problem = Problem(status: response.status, body: response.body)
                guard problem.isPassing, attempt < Self.tries else { throw problem.refusal }
            } catch let error as HTTPClientError {
                guard attempt < Self.tries, error != .cancelled, error != .badURL else {
                    throw GatewayError.unreachable(address, error).refusal
                }
            }
            try await Task.sleep(for: pause)
            pause *= 3
        }
        throw Refusal(.unavailable, "\(address) does not answer")
    }

    private func decode<Reply: Decodable>(
        _ response: ClientResponse, as type: Reply.Type
    ) throws -> Reply {
        do {
            return try JSONDecoder().decode(Reply.self, from: Data(response.body))
        } catch {
            throw Refusal(.internalError, "the gateway's answer is not understood: \(error)")
        }
    }

    /// An error's body, of a bounded size.
    private func rest(_ stream: ClientStream) async throws -> [UInt8] {
        var all: [UInt8] = []
        while all.count < 1 << 20, let chunk = try await stream.next() { all += chunk }
        return all
    }
}

/// Why the gateway did not do what it was asked, for those who may try again.
enum GatewayError: Error, Sendable {
    case unreachable(String, HTTPClientError)
    case refused(Problem)

    var refusal: Refusal {
        switch self {
        case .unreachable(let address, let error):
            Refusal(.unavailable, "\(address): \(error)")
        case .refused(let problem): problem.refusal
        }
    }
}
