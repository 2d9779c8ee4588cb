import HTTP

/// Reads one response out of bytes in any pieces (RFC 9112, 4 to 7), for a transfer.
struct ResponseReader {
    private enum Part {
        case head, length(Int), chunks(ChunkDecoder), untilClose, end
    }

    /// Of a line of the head that has not come whole.
    private static let longestLine = 64 << 10
    private static let mostTrailers = 64

    private let isHead: Bool
    private var part = Part.head
    private var line: [UInt8] = []
    private var status = 0
    private var length: Int?
    private var isChunked = false
    /// The server takes another request on this connection.
    private(set) var keepsConnection = true

    /// `method` says whether there will be a body.
    init(to method: String) { isHead = method == "HEAD" }

    var isComplete: Bool { if case .end = part { true } else { false } }

    /// True when the end of the connection is the end of the response.
    var endsByClose: Bool { if case .untilClose = part { true } else { false } }

    /// Answers how much it took: all, or what stands before the end of the response, or what there
    /// was room for.
    mutating func read(
        _ bytes: UnsafeRawBufferPointer, into transfer: Transfer
    ) throws(HTTPClientError) -> Int {
        var used = 0
        while used < bytes.count, !isComplete, transfer.refusal == nil {
            let rest = UnsafeRawBufferPointer(rebasing: bytes[used...])
            if case .head = part {
                used += try readLine(rest, into: transfer)
                continue
            }
            guard transfer.hasRoom() else { break }
            used += try readBody(rest, into: transfer)
        }
        return used
    }

    // MARK: Head

    private mutating func readLine(
        _ bytes: UnsafeRawBufferPointer, into transfer: Transfer
    ) throws(HTTPClientError) -> Int {
        guard let end = bytes.firstIndex(of: 0x0A) else {
            line.append(contentsOf: bytes)
            guard line.count <= Self.longestLine else { throw .tooLarge }
            return bytes.count
        }
        let whole = UnsafeRawBufferPointer(rebasing: bytes[...end])
        if line.isEmpty {
            try take(whole, transfer)
        } else {
            line.append(contentsOf: whole)
            let kept = line
            line = []
            var failure: HTTPClientError?
            kept.withUnsafeBytes { bytes in
                do throws(HTTPClientError) { try take(bytes, transfer) } catch { failure = error }
            }
            if let failure { throw failure }
        }
        return end + 1
    }

    /// One line with its end.
    private mutating func take(
        _ line: UnsafeRawBufferPointer, _ transfer: Transfer
    ) throws(HTTPClientError) {
        let parsed = HeadLine(line)
        transfer.receive(parsed, bytes: line.count)
        switch parsed {
        case .status(let code, let version) where status == 0: try takeStatus(code, version)
        case .field(let name, let value) where status > 0: try takeField(name, value)
        case .end where status > 0: try endHead()
        default: throw Self.garbage
        }
    }

    private static let garbage = HTTPClientError.other("the server's answer is not HTTP/1.1")

    private mutating func takeStatus(
        _ code: Int, _ version: HeadLine.Text
    ) throws(HTTPClientError) {
        guard version.count == 3, version.starts(with: "1.".utf8), code >= 100 else {
            throw Self.garbage
        }
        status = code
        keepsConnection = version.last != 0x30
    }

    private mutating func takeField(
        _ name: HeadLine.Text, _ value: HeadLine.Text
    ) throws(HTTPClientError) {
        switch name.count {
        case 10 where HeadLine.sameName(name, "connection".utf8):
            let options = Self.items(value)
            if options.contains("close") { keepsConnection = false }
            if options.contains("keep-alive") { keepsConnection = true }
        case 14 where HeadLine.sameName(name, "content-length".utf8):
            for item in Self.items(value) {
                guard item.utf8.allSatisfy({ (0x30...0x39).contains($0) }),
                    let count = Int(item), length == nil || length == count
                else { throw Self.garbage }
                length = count
            }
        case 17 where HeadLine.sameName(name, "transfer-encoding".utf8):
            // A coding that was not asked for would be read as if it were the body.
            guard Self.items(value) == ["chunked"], !isChunked else { throw Self.garbage }
            isChunked = true
        default: break
        }
    }

    /// RFC 9112, 6.3.
    private mutating func endHead() throws(HTTPClientError) {
        if status < 200 {
            guard status != 101 else { throw Self.garbage }
            self = ResponseReader(to: isHead ? "HEAD" : "")
            return
        }
        if isHead || status == 204 || status == 304 {
            part = .end
        } else if isChunked {
            // Somebody on the way may have read the other length.
            if length != nil { keepsConnection = false }
            part = .chunks(ChunkDecoder(maxFields: Self.mostTrailers))
        } else if let length {
            part = length == 0 ? .end : .length(length)
        } else {
            keepsConnection = false
            part = .untilClose
        }
    }

    /// The items of a list in lower case, without the blanks around them.
    private static func items(_ value: HeadLine.Text) -> [String] {
        String(decoding: value, as: UTF8.self).lowercased().split(separator: ",").map { item in
            let start = item.drop { $0 == " " || $0 == "\t" }
            let end = start.lastIndex { $0 != " " && $0 != "\t" }
            return end.map { String(start[...$0]) } ?? ""
        }
    }

    // MARK: Body

    private mutating func readBody(
        _ bytes: UnsafeRawBufferPointer, into transfer: Transfer
    ) throws(HTTPClientError) -> Int {
        switch part {
        case .length(let left):
            let count = min(left, bytes.count)
            transfer.receive(UnsafeRawBufferPointer(rebasing: bytes[..<count]))
            part = count == left ? .end : .length(left - count)
            return count
        case .untilClose:
            transfer.receive(bytes)
            return bytes.count
        case .chunks(var decoder):
            var body: [UInt8] = []
            let count: Int
            do throws(Refusal) {
                count = try decoder.decode(
                    bytes.assumingMemoryBound(to: UInt8.self).span, into: &body, room: .max)
            } catch {
                throw .truncated
            }
            if !body.isEmpty { body.withUnsafeBytes { transfer.receive($0) } }
            part = decoder.isComplete ? .end : .chunks(decoder)
            return count
        case .head, .end: return 0
        }
    }
}
