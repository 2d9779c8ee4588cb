/// A line for each message, as in NDJSON. Empty lines mean nothing.
struct LineFraming: Framing {
    private(set) var failure: UpstreamFailure?
    private let limits: FrameLimits
    private var line: [UInt8] = []
    private var bytes = 0

    init(limits: FrameLimits = FrameLimits()) { self.limits = limits }

    mutating func feed(_ bytes: [UInt8]) -> [[UInt8]] {
        guard failure == nil else { return [] }
        self.bytes += bytes.count
        guard self.bytes <= limits.streamBytes else {
            failure = .garbage("the reply is too long")
            return []
        }
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
        guard line.count + bytes.count <= limits.lineBytes else {
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
