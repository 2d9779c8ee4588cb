import Crypto
import Curl
import ServiceKit

/// Contents as objects of a bucket, `<prefix>ab/cdef…`. Whole objects appear at once, and what is
/// large goes in parts of which nobody sees any before the last.
struct S3Backend: BlobBackend {
    /// A part's size, until an object would have more than ten thousand.
    private static let usualPart = 8 << 20
    private static let mostParts = 10_000
    /// Parts under way at once; with their size, what one upload takes of memory.
    private static let lanes = 3

    private let bucket: S3Bucket
    private let prefix: String
    private let threads: BlockingPool

    init(_ bucket: S3Bucket, prefix: String, on threads: BlockingPool) {
        (self.bucket, self.prefix, self.threads) = (bucket, prefix, threads)
    }

    private func key(_ hash: BlobHash) -> String { "\(prefix)\(hash.prefix)/\(hash.rest)" }

    func keep(draft: String, as identity: Identity) async throws {
        guard try await size(of: identity.hash) != identity.bytes else { return }
        if identity.bytes <= Self.usualPart {
            let content = try await piece(of: draft, identity.bytes, 0..<identity.bytes)
            return try await put(content, as: identity)
        }
        try await putInParts(draft, identity)
        guard try await size(of: identity.hash) == identity.bytes else {
            throw BlobError.damaged(what: "the bucket has another length than was sent")
        }
    }

    func keep(_ content: [UInt8], as identity: Identity) async throws {
        guard try await size(of: identity.hash) != identity.bytes else { return }
        try await put(content, as: identity)
    }

    func read<T: Sendable>(
        _ hash: BlobHash, of bytes: Int, _ part: Range<Int>,
        then work: @escaping @Sendable ([UInt8]) throws -> T
    ) async throws -> T {
        let content = try await fetch(hash, of: bytes, part)
        return try await threads.run { try work(content) }
    }

    private func fetch(
        _ hash: BlobHash, of bytes: Int, _ part: Range<Int>
    ) async throws -> [UInt8] {
        guard !part.isEmpty else { return [] }
        let response = try await bucket.send(
            S3Bucket.Request(
                method: "GET", key: key(hash),
                headers: [("range", "bytes=\(part.lowerBound)-\(part.upperBound - 1)")]))
        guard response.status != 404 else { throw BlobError.missing }
        let range = "bytes \(part.lowerBound)-\(part.upperBound - 1)/\(bytes)"
        let isWhole = response.status == 200 && part == 0..<bytes
        guard isWhole || response.headers["content-range"] == range,
            response.body.count == part.count
        else {
            throw BlobError.damaged(what: "the bucket has another length")
        }
        return response.body
    }

    func size(of hash: BlobHash) async throws -> Int? {
        let response = try await bucket.send(S3Bucket.Request(method: "HEAD", key: key(hash)))
        guard response.status != 404 else { return nil }
        return response.headers["content-length"].flatMap { Int($0) }
    }

    func remove(_ hash: BlobHash) async throws -> Bool {
        guard try await size(of: hash) != nil else { return false }
        _ = try await bucket.send(S3Bucket.Request(method: "DELETE", key: key(hash)))
        return true
    }

    func contents(startingWith byte: UInt8) async throws -> [BlobHash] {
        let folder = "\(prefix)\(Hex.encode([byte]))/"
        return try await pages(
            ["list-type": "2", "prefix": folder], token: "NextContinuationToken",
            asking: "continuation-token", element: "Key"
        ).compactMap { try? BlobHash(Hex.encode([byte]) + $0.dropFirst(folder.count)) }
    }

    /// Ends what a crash left half sent, so that nobody pays for it; for the start only.
    func abandonParts() async throws -> Int {
        let list = try await bucket.send(
            S3Bucket.Request(method: "GET", query: [("uploads", ""), ("prefix", prefix)]))
        let text = String(decoding: list.body, as: UTF8.self)
        let uploads = zip(
            S3Text.elements("Key", in: text), S3Text.elements("UploadId", in: text))
        var count = 0
        for (key, id) in uploads {
            _ = try await bucket.send(
                S3Bucket.Request(method: "DELETE", key: key, query: [("uploadId", id)]))
            count += 1
        }
        return count
    }

    // MARK: Sending

    private func put(_ content: [UInt8], as identity: Identity) async throws {
        let response = try await bucket.send(
            S3Bucket.Request(
                method: "PUT", key: key(identity.hash),
                headers: [("content-type", "application/octet-stream")], body: content,
                bodyHash: identity.hash.hex))
        guard response.status != 404 else {
            throw BlobError.refused(status: 404, code: "NoSuchBucket")
        }
    }

    private func putInParts(_ draft: String, _ identity: Identity) async throws {
        let key = key(identity.hash)
        let begun = try await bucket.send(
            S3Bucket.Request(
                method: "POST", key: key, query: [("uploads", "")],
                headers: [("content-type", "application/octet-stream")]))
        let text = String(decoding: begun.body, as: UTF8.self)
        guard let id = S3Text.elements("UploadId", in: text).first else {
            throw BlobError.refused(status: begun.status, code: "no upload id")
        }
        do {
            let tags = try await sendParts(draft, identity, key, id)
            let parts = tags.enumerated().map { number, tag in
                "<Part><PartNumber>\(number + 1)</PartNumber><ETag>\(tag)</ETag></Part>"
            }
            let body = "<CompleteMultipartUpload>\(parts.joined())</CompleteMultipartUpload>"
            let done = try await bucket.send(
                S3Bucket.Request(
                    method: "POST", key: key, query: [("uploadId", id)],
                    headers: [("content-type", "application/xml")], body: Array(body.utf8)))
            // A 200 may still carry an error: S3 begins to answer before it knows.
            let answer = String(decoding: done.body, as: UTF8.self)
            if let code = S3Text.elements("Code", in: answer).first {
                throw BlobError.unreachable(String(code.prefix(64)))
            }
        } catch {
            let abort = S3Bucket.Request(method: "DELETE", key: key, query: [("uploadId", id)])
            _ = try? await bucket.send(abort)  // what stays is ended at the next start
            throw error
        }
    }

    private func sendParts(
        _ draft: String, _ identity: Identity, _ key: String, _ id: String
    ) async throws -> [String] {
        let size = max(Self.usualPart, (identity.bytes + Self.mostParts - 1) / Self.mostParts)
        let starts = Array(stride(from: 0, to: identity.bytes, by: size))
        return try await withThrowingTaskGroup(of: (Int, String).self) { group in
            var tags = [String](repeating: "", count: starts.count)
            var next = 0
            while next < starts.count || !group.isEmpty {
                if next < starts.count, next - tags.count(where: { !$0.isEmpty }) < Self.lanes {
                    let (number, from) = (next, starts[next])
                    let range = from..<min(from + size, identity.bytes)
                    group.addTask {
                        let part = try await piece(of: draft, identity.bytes, range)
                        return (number, try await send(part, number + 1, key, id))
                    }
                    next += 1
                } else if let (number, tag) = try await group.next() {
                    tags[number] = tag
                }
            }
            return tags
        }
    }

    private func send(
        _ part: [UInt8], _ number: Int, _ key: String, _ id: String
    ) async throws -> String {
        let response = try await bucket.send(
            S3Bucket.Request(
                method: "PUT", key: key,
                query: [("partNumber", "\(number)"), ("uploadId", id)], body: part))
        guard let tag = response.headers["etag"] else {
            throw BlobError.refused(status: response.status, code: "no ETag for a part")
        }
        return tag
    }

    private func piece(of draft: String, _ bytes: Int, _ range: Range<Int>) async throws -> [UInt8]
    {
        try await threads.run {
            try Files.read(draft, of: bytes, from: range.lowerBound, count: range.count)
        }
    }

    private func pages(
        _ query: [String: String], token: String, asking: String, element: String
    ) async throws -> [String] {
        var found: [String] = []
        var query = query
        while true {
            let response = try await bucket.send(
                S3Bucket.Request(method: "GET", query: query.map { ($0.key, $0.value) }))
            guard response.status != 404 else {
                throw BlobError.refused(status: 404, code: "NoSuchBucket")
            }
            let text = String(decoding: response.body, as: UTF8.self)
            found += S3Text.elements(element, in: text)
            guard let next = S3Text.elements(token, in: text).first, query[asking] != next else {
                return found
            }
            query[asking] = next
        }
    }
}
