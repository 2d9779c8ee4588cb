import Testing

@testable import Dialects

/// What holds of every request, shown by many that are made at random.
@Suite struct PropertyTests {
    /// A way through two dialects, with a beginning for chance.
    static let ways = ServedTests.clients.flatMap { one in
        ServedTests.clients.map { other in (one, other) }
    }

    private func essence(_ request: ModelRequest) -> [String] {
        var lines: [String] = []
        let system = ModelMessage(.system, request.system)
        for message in [system] + request.messages {
            for part in message.parts { lines += essence(part, message.role) }
        }
        for tool in request.tools {
            lines.append("tool \(tool.name) \(tool.description ?? "-") \(tool.schema?.text ?? "")")
        }
        if case .schema(let format)? = request.format { lines.append(format.schema.text) }
        lines.append("\(String(describing: request.toolChoice)) \(request.maxTokens ?? 0)")
        lines.append("\(request.user ?? "-") \(request.isStreamed)")
        return lines
    }

    private func essence(_ part: ContentPart, _ role: ModelMessage.Role) -> [String] {
        let who = role == .tool ? .user : role
        switch part {
        case .text(let part):
            let mark = part.cache.map { " marked \($0.lifetime)" } ?? ""
            return ["\(who) says \(part.text)\(mark)"] + Seals([.text(part)]).lines
        case .media(let part):
            return ["\(who) shows \(part.source) \(part.cache.map { "\($0.lifetime)" } ?? "")"]
        case .toolCall(let call):
            return ["calls \(call.id) \(call.name) \(call.arguments)"]
                + Seals([.toolCall(call)]).lines
        case .toolResult(let result): return ["gets \(result.callID) \(result.text)"]
        case .thinking(let part):
            // Reasoning without a text is one with its seal alone: OpenAI tells them not apart.
            if part.text.isEmpty, let seal = part.signature {
                return Seals([.redacted(RedactedPart(seal))]).lines
            }
            return ["thinks \(part.text)"] + Seals([.thinking(part)]).lines
        case .redacted: return Seals([part]).lines
        case .other(let raw): return ["other \(raw.value.text)"]
        }
    }

    @Test(
        "through another dialect and back nothing is lost that was said, called or signed",
        arguments: ways)
    func through(one: DialectName, other: DialectName) throws {
        var random = RandomRequests(generator: Generator(state: 7))
        for round in 0..<40 {
            let request = random.request()
            let first = try Codec.decode(try Codec.encode(request, one), one)
            #expect(essence(first) == essence(request), "round \(round)")
            let second = try Codec.decode(try Codec.encode(first, other), other)
            let back = try Codec.decode(try Codec.encode(second, one), one)
            #expect(essence(back) == essence(request), "round \(round)")
        }
    }

    @Test(
        "what was read is written as it was, and read again the same",
        arguments: DialectName.allCases)
    func stable(name: DialectName) throws {
        var random = RandomRequests(generator: Generator(state: 11))
        for round in 0..<60 {
            let request = random.request()
            let written = try Codec.encode(request, name)
            let again = try Codec.encode(try Codec.decode(written, name), name)
            #expect(difference(written, again) == nil, "round \(round)")
        }
    }

    @Test("what a provider signed is sent to it, and to no other", arguments: DialectName.allCases)
    func foreign(name: DialectName) throws {
        var random = RandomRequests(generator: Generator(state: 13))
        for _ in 0..<60 {
            let request = random.request()
            let text = try Codec.outgoing(request, name).text
            #expect(!text.contains("~gemini~") && !text.contains("~anthropic~"))
            for part in request.messages.flatMap(\.parts) {
                let seal: Signature
                switch part {
                case .redacted(let part): seal = part.sealed
                case .thinking(let part):
                    guard let signature = part.signature else { continue }
                    seal = signature
                default: continue
                }
                // OpenAI's chat and Ollama sign nothing.
                let isOwn = seal.origin == name && name != .openai && name != .ollama
                #expect(text.contains(seal.value) == isOwn)
            }
        }
    }

    @Test(
        "a damaged request is read, or refused with its place; it stops nothing",
        arguments: RequestTests.all)
    func damaged(fixture: Fixture) throws {
        let name = try #require(DialectName(rawValue: fixture.folder))
        let good = try fixture.json
        var random = RandomRequests(generator: Generator(state: 17))
        var refused = 0
        for _ in 0..<60 {
            let bad = random.damaged(good)
            do {
                let request = try Codec.decode(bad, name)
                for other in DialectName.allCases { _ = try? Codec.outgoing(request, other) }
                _ = TokenUsage.estimated(for: request, outputBytes: 1)
            } catch let error as InvalidRequest {
                refused += 1
                let fault =
                    name == .anthropic
                    ? AnthropicFault.fault(error) : OpenAIFault.fault(error)
                #expect(!fault.message.isEmpty && fault.kind == .badRequest)
            }
        }
        #expect(refused > 4)
    }

    @Test("a damaged stream is read, or fails; it stops nothing", arguments: Fixture.streams)
    func damagedStreams(fixture: Fixture) throws {
        let good = try fixture.bytes
        var random = RandomRequests(generator: Generator(state: 19))
        for _ in 0..<12 {
            var bytes = good
            for _ in 0...random.number(0...3) {
                let place = random.number(0...(bytes.count - 1))
                switch random.number(0...3) {
                case 0: bytes[place] = UInt8(random.number(0...255))
                case 1: bytes.remove(at: place)
                case 2: bytes.insert(UInt8(random.pick([0x22, 0x7B, 0x5D, 0x0A])), at: place)
                default: bytes.removeSubrange(place..<min(place + 40, bytes.count))
                }
            }
            let reading = read([bytes], with: fixture.dialect)
            for client in ServedTests.clients {
                var writer = client.served?.makeWriter(
                    for: ServedTests.request(client), as: ServedTests.name)
                let written = (writer?.write(reading.events) ?? []) + (writer?.end() ?? [])
                #expect(!written.isEmpty)
            }
        }
    }
}
