/// Cuts a stream of bytes into lines, however it comes in pieces.
struct LineSplitter: Sendable {
    /// A line that has no end is cut here, so that one program's garbage stays bounded.
    static let longest = 16 << 10

    private var rest: [UInt8] = []

    /// The lines that are complete now, without their ends.
    mutating func feed(_ bytes: some Sequence<UInt8>) -> [String] {
        var lines: [String] = []
        for byte in bytes {
            if byte == UInt8(ascii: "\n") || rest.count == Self.longest {
                lines.append(take())
                if byte == UInt8(ascii: "\n") { continue }
            }
            rest.append(byte)
        }
        return lines
    }

    /// What is left when no more will come.
    mutating func finish() -> String? { rest.isEmpty ? nil : take() }

    private mutating func take() -> String {
        defer { rest.removeAll(keepingCapacity: true) }
        if rest.last == UInt8(ascii: "\r") { rest.removeLast() }
        return String(decoding: rest, as: UTF8.self)
    }
}
