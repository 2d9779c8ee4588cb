/// Takes one body out of the bytes of a connection, whatever its framing, and holds it to a limit.
struct BodyDecoder: Sendable {
    private enum Kind {
        case length(Int)
        case chunked(ChunkDecoder)
    }

    private let limit: Int
    private var kind: Kind
    private(set) var received = 0

    init(_ framing: Framing.Body, limits: HTTPLimits) throws(Refusal) {
        limit = limits.maxBody
        switch framing {
        case .none: kind = .length(0)
        case .length(let length):
            guard length <= limits.maxBody else { throw .bodyTooLarge }
            kind = .length(length)
        case .chunked: kind = .chunked(ChunkDecoder(maxFields: limits.maxHeaders))
        }
    }

    var isComplete: Bool {
        switch kind {
        case .length(let remaining): remaining == 0
        case .chunked(let decoder): decoder.isComplete
        }
    }

    /// Bytes still to come, when that was declared.
    var remaining: Int? {
        if case .length(let remaining) = kind { remaining } else { nil }
    }

    /// Appends at most `room` bytes to `output`; answers how much of the input it took.
    mutating func decode(
        _ input: Span<UInt8>, into output: inout [UInt8], room: Int
    ) throws(Refusal) -> Int {
        let before = output.count
        let used: Int
        switch kind {
        case .length(let remaining):
            used = min(remaining, input.count, room)
            output.append(contentsOf: input, 0..<used)
            kind = .length(remaining - used)
        case .chunked(var decoder):
            // One byte more than allowed is enough to know.
            let left = limit - received
            let allowed = left < room ? left + 1 : room
            used = try decoder.decode(input, into: &output, room: allowed)
            kind = .chunked(decoder)
        }
        received += output.count - before
        guard received <= limit else { throw .bodyTooLarge }
        return used
    }
}
