/// Undoes the chunked coding (RFC 9112, 7.1) on bytes in any pieces. Extensions and trailers are
/// bounded and dropped. The client reads with it as well.
package struct ChunkDecoder: Sendable {
    private enum State {
        case size, extensions, sizeEnd, data, dataReturn, dataEnd, trailer, ended
    }

    private static let maxDigits = 8
    /// Of the whole body: nobody needs them, and each could hide a megabyte.
    private static let maxExtensions = 4096
    private static let maxTrailers = 4096

    private let maxFields: Int
    private var state = State.size
    private var digits = 0
    private var remaining = 0
    private var extensionBytes = 0
    private var trailerBytes = 0
    private var fields = 0
    private var line: [UInt8] = []
    private var flaw: Refusal?

    package init(maxFields: Int) { self.maxFields = maxFields }

    package var isComplete: Bool { state == .ended }

    /// Appends at most `room` bytes of body to `output`; answers how much of the input it took.
    /// What stands before a flaw is delivered, and the flaw told at the next call.
    package mutating func decode(
        _ input: Span<UInt8>, into output: inout [UInt8], room: Int
    ) throws(Refusal) -> Int {
        if let flaw { throw flaw }
        let before = output.count
        var index = 0
        while index < input.count, state != .ended {
            if state == .data {
                let free = room - (output.count - before)
                let taken = min(remaining, input.count - index, free)
                guard taken > 0 else { break }
                output.append(contentsOf: input, index..<(index + taken))
                index += taken
                remaining -= taken
                if remaining == 0 { state = .dataReturn }
                continue
            }
            do throws(Refusal) {
                try step(input[index])
            } catch {
                flaw = error
                guard output.count > before else { throw error }
                break
            }
            index += 1
        }
        return index
    }

    private mutating func step(_ byte: UInt8) throws(Refusal) {
        switch state {
        case .size: try stepSize(byte)
        case .extensions:
            if byte == Bytes.carriageReturn {
                state = .sizeEnd
                return
            }
            extensionBytes += 1
            guard Bytes.isFieldContent(byte), extensionBytes <= Self.maxExtensions else {
                throw .badChunk
            }
        case .sizeEnd:
            guard byte == Bytes.lineFeed else { throw .badChunk }
            state = remaining == 0 ? .trailer : .data
            digits = 0
        case .dataReturn:
            guard byte == Bytes.carriageReturn else { throw .badChunk }
            state = .dataEnd
        case .dataEnd:
            guard byte == Bytes.lineFeed else { throw .badChunk }
            state = .size
        case .trailer: try stepTrailer(byte)
        case .data, .ended: break
        }
    }

    private mutating func stepSize(_ byte: UInt8) throws(Refusal) {
        if let value = Bytes.hexValue(byte) {
            digits += 1
            guard digits <= Self.maxDigits else { throw .badChunk }
            remaining = remaining << 4 | value
            return
        }
        guard digits > 0 else { throw .badChunk }
        switch byte {
        case Bytes.carriageReturn: state = .sizeEnd
        case Bytes.semicolon: state = .extensions
        default: throw .badChunk
        }
    }

    private mutating func stepTrailer(_ byte: UInt8) throws(Refusal) {
        trailerBytes += 1
        guard trailerBytes <= Self.maxTrailers else { throw .badChunk }
        guard byte == Bytes.lineFeed else {
            line.append(byte)
            return
        }
        guard line.popLast() == Bytes.carriageReturn else { throw .badChunk }
        if line.isEmpty {
            state = .ended
            return
        }
        fields += 1
        guard fields <= maxFields, (try? RequestParser.field(line.span)) != nil else {
            throw .badChunk
        }
        line.removeAll(keepingCapacity: true)
    }
}
