import HTTP
import MeshContract
import REST

/// A content that is fetched piece by piece, whole or in one part: conditions and ranges as RFC 9110
/// (13 and 14) has them.
struct Download: Sendable {
    /// Bytes behind an offset, at least one while there are any.
    typealias Read = @Sendable (_ offset: Int, _ length: Int) async throws -> [UInt8]

    private static let piece = 1 << 20

    let name: String
    let contentType: String
    let bytes: Int
    /// Changes with the content: what was begun with one tag is never gone on with another.
    let tag: String
    let read: Read

    /// The first piece is read before the head is sent: what cannot be read is an error then.
    func answer(to request: HTTPRequest) async throws -> Answer {
        let tag = "\"\(tag)\""
        // It may be kept, and is asked about each time: the account may have lost it.
        let kept = [
            ("ETag", tag), ("Cache-Control", "private, no-cache"), ("Accept-Ranges", "bytes"),
        ]
        if Self.matches(tag, request.headers.all("if-none-match")) {
            return .bytes(304, headers: kept, [])
        }
        let headers =
            kept + [
                ("Content-Type", contentType),
                ("Content-Disposition", "attachment; filename=\"\(ascii(name))\""),
                // Whatever a document holds, a browser must not run it on our origin.
                ("Content-Security-Policy", "sandbox"),
            ]
        switch range(of: request, tag) {
        case .whole: return try await stream(0..<bytes, status: 200, headers)
        case .part(let part):
            let place = "bytes \(part.lowerBound)-\(part.upperBound - 1)/\(bytes)"
            return try await stream(part, status: 206, headers + [("Content-Range", place)])
        case .outside:
            return .bytes(416, headers: kept + [("Content-Range", "bytes */\(bytes)")], [])
        }
    }

    private func stream(
        _ part: Range<Int>, status: Int, _ headers: [(String, String)]
    ) async throws -> Answer {
        let first = try await piece(part)
        let headers = headers + [("Content-Length", "\(part.count)")]
        return .stream(status: status, headers: headers) { writer in
            var content = first
            var offset = part.lowerBound
            while !content.isEmpty {
                let after = offset + content.count
                // The next one is on its way while this one leaves.
                async let next = piece(after..<part.upperBound)
                try await writer.write(content)
                offset = after
                content = try await next
            }
            try await writer.finish()
        }
    }

    /// The beginning of a part, up to where storage's own pieces end; none of an empty one.
    private func piece(_ part: Range<Int>) async throws -> [UInt8] {
        guard !part.isEmpty else { return [] }
        let content = try await read(
            part.lowerBound, min(Self.piece - part.lowerBound % Self.piece, part.count))
        guard !content.isEmpty else {
            throw Fault(.internal, "the content of \(name) ends at \(part.lowerBound)")
        }
        return content
    }

    private enum Wanted { case whole, part(Range<Int>), outside }

    /// One range is honoured; several, or what is none, mean the whole, as a server may answer.
    private func range(of request: HTTPRequest, _ tag: String) -> Wanted {
        guard let text = request.headers["range"], text.hasPrefix("bytes="), !text.contains(",")
        else { return .whole }
        if let condition = request.headers["if-range"], condition != tag { return .whole }
        let parts = text.dropFirst(6).split(separator: "-", omittingEmptySubsequences: false)
        guard parts.count == 2, let first = number(parts[0]), let last = number(parts[1]) else {
            return .whole
        }
        switch (first, last) {
        case (nil, nil): return .whole
        case (nil, let count?):
            return count > 0 && bytes > 0 ? .part(max(0, bytes - count)..<bytes) : .outside
        case (let from?, let to):
            if let to, to < from { return .whole }
            guard from < bytes else { return .outside }
            return .part(from..<min((to ?? bytes - 1), bytes - 1) + 1)
        }
    }

    /// nil inside for an absent one; nil for what is no number.
    private func number(_ text: Substring) -> Int?? {
        if text.isEmpty { return .some(nil) }
        guard text.utf8.allSatisfy({ (48...57).contains($0) }), let number = Int(text) else {
            return nil
        }
        return .some(number)
    }

    /// Weakly, as RFC 9110 (13.1.2) has it for a GET.
    private static func matches(_ tag: String, _ conditions: [String]) -> Bool {
        conditions.joined(separator: ",").split(separator: ",").contains { condition in
            let trimmed = condition.filter { $0 != " " && $0 != "\t" }
            return trimmed == "*" || trimmed == tag || trimmed == "W/" + tag
        }
    }

    /// A file name that fits a quoted header value.
    private func ascii(_ name: String) -> String {
        String(
            name.unicodeScalars.map { scalar in
                let isPlain =
                    scalar.value >= 32 && scalar.value < 127
                    && !"\"\\/".unicodeScalars.contains(scalar)
                return isPlain ? Character(scalar) : "_"
            })
    }
}
