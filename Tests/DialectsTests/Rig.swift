import Dialects
import Testing

/// What a parser makes of a stream: the events, and the failure that ended it.
struct Reading: Equatable {
    var events: [ModelEvent] = []
    var failure: UpstreamFailure?

    /// The reply put together.
    var answer: ModelAnswer {
        var builder = AnswerBuilder()
        builder.add(events)
        return builder.answer
    }
    var text: String { answer.text }
    var thinking: String {
        answer.parts.reduce(into: "") { text, part in
            if case .thinking(let part) = part { text += part.text }
        }
    }
    var usage: TokenUsage? { answer.usage }
    var stop: StopReason? { answer.stop?.reason }
}

/// Reads a stream to its end, or to the failure.
func read(_ pieces: [[UInt8]], with dialect: any Dialect) -> Reading {
    var parser = dialect.makeParser()
    var reading = Reading()
    do throws(UpstreamFailure) {
        for piece in pieces { reading.events += try parser.feed(piece) }
        reading.events += try parser.end()
    } catch {
        reading.failure = error
    }
    return reading
}

/// Reads a stream whole, byte by byte and in random pieces, and expects the same each time.
func read(_ stream: String, with dialect: any Dialect) -> Reading {
    read(bytes: Array(stream.utf8), with: dialect)
}

func read(bytes: [UInt8], with dialect: any Dialect) -> Reading {
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

let chat = ModelRequest(
    model: "m", system: [.plain("Be brief.")],
    messages: [
        ModelMessage(.user, "Hi"), ModelMessage(.assistant, "Yes?"),
        ModelMessage(.user, "A \"quote\", ü/\n"),
    ], sampling: Sampling(temperature: 0.5), stop: ["END"], maxTokens: 64)

/// The body of a call.
func json(_ call: OutgoingCall) throws -> JSONValue { try JSONValue(parsing: call.body) }
