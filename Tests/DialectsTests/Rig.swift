import Dialects
import Testing

/// What a parser makes of a stream: the deltas, and the failure that ended it.
struct Reading: Equatable {
    var deltas: [ChatDelta] = []
    var failure: UpstreamFailure?
    /// The pieces of text put together.
    var text: String {
        deltas.reduce(into: "") { text, delta in
            if case .text(let more) = delta { text += more }
        }
    }
    var usage: TokenUsage? {
        deltas.reversed().lazy.compactMap { delta -> TokenUsage? in
            if case .usage(let usage) = delta { return usage }
            return nil
        }.first
    }
    var stop: StopReason? {
        deltas.lazy.compactMap { delta -> StopReason? in
            if case .stop(let reason) = delta { return reason }
            return nil
        }.first
    }
}

/// Reads a stream to its end, or to the failure.
func read(_ pieces: [[UInt8]], with dialect: any Dialect) -> Reading {
    var parser = dialect.makeParser()
    var reading = Reading()
    do throws(UpstreamFailure) {
        for piece in pieces { reading.deltas += try parser.feed(piece) }
        reading.deltas += try parser.end()
    } catch {
        reading.failure = error
    }
    return reading
}

/// Reads a stream whole, byte by byte and in random pieces, and expects the same each time.
func read(_ stream: String, with dialect: any Dialect) -> Reading {
    let bytes = Array(stream.utf8)
    let whole = read([bytes], with: dialect)
    #expect(read(bytes.map { [$0] }, with: dialect) == whole)
    var generator = Generator(state: 42)
    for _ in 0..<20 {
        var pieces: [[UInt8]] = []
        var rest = bytes[...]
        while !rest.isEmpty {
            let count = Int.random(in: 0...40, using: &generator)
            pieces.append(Array(rest.prefix(count)))
            rest = rest.dropFirst(count)
        }
        #expect(read(pieces, with: dialect) == whole)
    }
    return whole
}

/// The same pieces in every run (SplitMix64).
struct Generator: RandomNumberGenerator {
    var state: UInt64

    mutating func next() -> UInt64 {
        state &+= 0x9E37_79B9_7F4A_7C15
        var mixed = state
        mixed = (mixed ^ (mixed >> 30)) &* 0xBF58_476D_1CE4_E5B9
        mixed = (mixed ^ (mixed >> 27)) &* 0x94D0_49BB_1331_11EB
        return mixed ^ (mixed >> 31)
    }
}

let chat = ChatRequest(
    model: "m", system: "Be brief.",
    messages: [
        ChatMessage(role: .user, content: "Hi"), ChatMessage(role: .assistant, content: "Yes?"),
        ChatMessage(role: .user, content: "A \"quote\", ü/\n"),
    ], maxTokens: 64, temperature: 0.5, stop: ["END"])
