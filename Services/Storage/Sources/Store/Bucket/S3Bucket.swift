import Crypto
import Curl
import MeshContract

/// One bucket of an S3-compatible store: signed requests, each tried a few times within its time.
struct S3Bucket: Sendable {
    private static let tries = 4
    private static let deadline = Duration.seconds(120)

    private let client: HTTPClient
    private let signer: S3Signer
    private let place: S3Place
    private let now: @Sendable () -> Int64

    init(
        _ client: HTTPClient, _ signer: S3Signer, at place: S3Place,
        now: @escaping @Sendable () -> Int64
    ) {
        (self.client, self.signer, self.place, self.now) = (client, signer, place, now)
    }

    /// One request, as it is before it is signed.
    struct Request: Sendable {
        var method: String
        /// Within the bucket, without a leading slash; empty for the bucket itself.
        var key = ""
        var query: [(String, String)] = []
        var headers: [(String, String)] = []
        var body: [UInt8] = []
        /// Hexadecimal; worked out where the caller does not know it.
        var bodyHash: String?
    }

    /// Sends until an answer comes that another try would not change. Answers of 404 are answers;
    /// other refusals are thrown with S3's code.
    func send(_ request: Request) async throws -> ClientResponse {
        let hash = request.bodyHash ?? SHA256.hex(request.body)
        var pause = Duration.milliseconds(100)
        for attempt in 1... {
            let isLast = attempt == Self.tries
            do {
                let response = try await once(request, hash)
                if (200..<300).contains(response.status) || response.status == 404 {
                    return response
                }
                let isPassing = response.status >= 500 || response.status == 429
                guard isPassing, !isLast else { throw Self.refusal(response) }
            } catch let error as HTTPClientError {
                guard error != .cancelled, !isLast else {
                    throw BlobError.unreachable("\(error)")
                }
            }
            try await Task.sleep(for: pause * Double.random(in: 0.5...1.5))
            pause *= 3
        }
        throw BlobError.unreachable("no answer")
    }

    private func once(_ request: Request, _ hash: String) async throws -> ClientResponse {
        let path = place.path(of: request.key)
        let headers = request.headers.map { ($0.0.lowercased(), $0.1) }
        let signed = S3Signer.Request(
            method: request.method, host: place.host, path: path, query: request.query,
            headers: headers, payloadHash: hash)
        var url = "\(place.origin)\(S3Text.encode(path, keeping: "/"))"
        let query = S3Text.query(request.query)
        if !query.isEmpty { url += "?\(query)" }
        return try await client.send(
            ClientRequest(
                method: request.method, url: url,
                headers: headers + signer.headers(for: signed, at: now() / 1_000),
                body: request.body, deadline: Self.deadline))
    }

    private static func refusal(_ response: ClientResponse) -> BlobError {
        let text = String(decoding: response.body.prefix(65_536), as: UTF8.self)
        let code = S3Text.elements("Code", in: text).first ?? "without a code"
        if response.status >= 500 || response.status == 429 {
            return .unreachable("\(response.status) \(code)")
        }
        return .refused(status: response.status, code: String(code.prefix(64)))
    }
}

/// Where a bucket is.
struct S3Place: Sendable, Equatable {
    /// `https://host[:port]`
    let origin: String
    let host: String
    /// `/bucket` where the bucket is not part of the host's name.
    private let base: String

    /// With an endpoint the bucket is in the path, as every store understands; without one it is
    /// AWS, where it is in the host's name. nil for an endpoint that is no URL of a host.
    init?(endpoint: String?, bucket: String, region: String) {
        guard var origin = endpoint else {
            host = "\(bucket).s3.\(region).amazonaws.com"
            (self.origin, base) = ("https://\(host)", "")
            return
        }
        while origin.hasSuffix("/") { origin.removeLast() }
        let scheme = origin.hasPrefix("https://") ? "https://" : "http://"
        guard origin.hasPrefix(scheme) else { return nil }
        var host = String(origin.dropFirst(scheme.count))
        guard !host.isEmpty, !host.contains(where: { "/?#@ ".contains($0) }) else { return nil }
        // What a client leaves out of `Host` is left out of what is signed.
        let usual = scheme == "https://" ? ":443" : ":80"
        if host.hasSuffix(usual) { host.removeLast(usual.count) }
        (self.origin, self.host, base) = (origin, host, "/\(bucket)")
    }

    func path(of key: String) -> String {
        key.isEmpty ? (base.isEmpty ? "/" : base) : "\(base)/\(key)"
    }
}
