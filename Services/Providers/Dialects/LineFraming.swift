/// A line for each message, as in NDJSON. Empty lines mean nothing.
struct LineFraming: Framing {
    private(set) var failure: UpstreamFailure?
    private let limit: Int
    private var line: [UInt8] = []

    init(limits: FrameLimits = FrameLimits()) { limit = limits.lineBytes }

    mutating func feed(_ bytes: [UInt8]) -> [[UInt8]] {
        guard failure == nil else { return [] }
        var lines: [[UInt8]] = []
        var rest = bytes[...]
        while let end = rest.firstIndex(of: 0x0A) {
            guard append(rest[..<end]) else { return lines }
            if let line = take() { lines.append(line) }
            rest = rest[(end + 1)...]
        }
        _ = append(rest)
        return lines
    }

    mutating func rest() -> [UInt8]? { take() }

    private mutating func append(_ bytes: ArraySlice<UInt8>) -> Bool {
        guard line.count + bytes.count <= limit else {
            failure = .garbage("a line of the reply is too long")
            return false
        }
        line += bytes
        return true
    }

    private mutating func take() -> [UInt8]? {
        defer { line = [] }
        return line.allSatisfy { $0 == 0x20 || $0 == 0x09 || $0 == 0x0D } ? nil : line
    }
}
