import Dialects
import Testing

/// Replies of every provider, to clients of every dialect that we serve.
@Suite struct ServedTests {
    static let clients: [DialectName] = [.anthropic, .openai, .responses]
    static let name = ReplyName(id: "0Birch", created: 1_790_000_100, model: "house-model")

    static func request(_ client: DialectName) -> ModelRequest {
        var request = ModelRequest(model: "house-model", messages: [ModelMessage(.user, "Hi")])
        request.wantsUsage = client == .openai
        return request
    }

    /// The dialect in which a client reads what it is served.
    static func reader(_ client: DialectName) -> any Dialect {
        client == .openai ? OpenAIDialect() : client.dialect
    }

    private func served(_ client: DialectName) throws -> any ServedDialect {
        try #require(client.served)
    }

    private func stream(_ events: [ModelEvent], to client: DialectName) throws -> [UInt8] {
        var writer = try served(client).makeWriter(
            for: Self.request(client), as: Self.name)
        return writer.write(events) + writer.end()
    }

    @Test(
        "what is served is as it was accepted, in pieces and whole", arguments: clients,
        Fixture.whole)
    func golden(client: DialectName, fixture: Fixture) throws {
        let reading = read([try fixture.bytes], with: fixture.dialect)
        let folder = "served/\(client.rawValue)/\(fixture.folder)-\(fixture.name)"
        let bytes = try stream(reading.events, to: client)
        expectGolden(String(decoding: bytes, as: UTF8.self), Fixture.path(folder + ".sse"))
        let whole = try served(client).answer(
            reading.answer, to: Self.request(client), as: Self.name)
        expectGolden(
            String(decoding: whole, as: UTF8.self) + "\n", Fixture.path(folder + ".json"))
    }

    @Test("a served stream and the served whole mean the same", arguments: clients, Fixture.whole)
    func alike(client: DialectName, fixture: Fixture) throws {
        let original = try fixture.answer()
        let events = read([try fixture.bytes], with: fixture.dialect).events
        let streamed = read([try stream(events, to: client)], with: Self.reader(client))
        #expect(streamed.failure == nil)
        let whole = try Self.reader(client).answer(
            try served(client).answer(original, to: Self.request(client), as: Self.name))
        let (one, other) = (Gist(streamed.answer.parts), Gist(whole.parts))
        #expect(one == other)
        #expect(streamed.answer.stop?.reason == whole.stop?.reason)
        #expect(streamed.answer.head.id == whole.head.id && whole.head.id.hasSuffix("0Birch"))
        #expect(streamed.answer.head.model == "house-model")
        #expect(streamed.usage == whole.usage || original.usage == nil)
    }

    @Test(
        "what a client is served has everything that can be said to it",
        arguments: clients, Fixture.whole)
    func complete(client: DialectName, fixture: Fixture) throws {
        let original = try fixture.answer()
        let events = read([try fixture.bytes], with: fixture.dialect).events
        let reading = read([try stream(events, to: client)], with: Self.reader(client))
        let (before, after) = (Gist(original.parts), Gist(reading.answer.parts))
        #expect(after.text == before.text && after.calls == before.calls)
        #expect(after.thinking == before.thinking)
        if let usage = original.usage {
            var seen = try #require(reading.usage)
            // Only Anthropic's dialect knows how long what is written to a cache is kept.
            seen.cacheWriteHour = usage.cacheWriteHour
            seen.isEstimated = usage.isEstimated
            // Each provider counts what it does beside writing in its own way.
            (seen.searches, seen.images) = (usage.searches, usage.images)
            // A class of service is its provider's own, which another's clients have no word for.
            if client != type(of: fixture.dialect).name {
                #expect(seen.tier == nil)
                seen.tier = usage.tier
            }
            #expect(seen == usage)
        }
        switch original.stop?.reason {
        case .toolUse?: #expect(reading.stop == .toolUse)
        case .length?: #expect(reading.stop == .length)
        case .refusal?: #expect(reading.stop == .refusal)
        case .end?: #expect(reading.stop == .end)
        default: #expect(reading.stop != nil)
        }
    }

    @Test("a stream in its own dialect loses nothing", arguments: Fixture.whole)
    func own(fixture: Fixture) throws {
        let client = type(of: fixture.dialect).name
        guard Self.clients.contains(client) else { return }
        let original = try fixture.answer()
        let events = read([try fixture.bytes], with: fixture.dialect).events
        let reading = read([try stream(events, to: client)], with: fixture.dialect)
        #expect(reading.stop == original.stop?.reason)
        // An item's own name is ours to give, but for reasoning.
        if client != .responses {
            #expect(reading.answer.parts.normal == original.parts.normal)
        }
        let others = { (events: [ModelEvent]) in
            events.filter { event in
                if case .other = event { return true }
                return false
            }
        }
        if client == .anthropic { #expect(others(reading.events) == others(events)) }
    }

    @Test("a stream that fails midway ends with an error, in every dialect", arguments: clients)
    func failing(client: DialectName) throws {
        var writer = try served(client).makeWriter(for: Self.request(client), as: Self.name)
        var bytes = writer.write([
            .start(AnswerHead(id: "x", model: "m")), .open(0, .plain("")), .text(0, "Half"),
        ])
        bytes += writer.beat()
        bytes += writer.fail(ServedFault(.overloaded, "no room"))
        let reading = read(bytes: bytes, with: Self.reader(client))
        #expect(reading.text == "Half" && reading.failure != nil)
        let kind: UpstreamFailure.Kind = client == .responses ? .server : .overloaded
        #expect(reading.failure?.kind == kind && reading.failure?.message == "no room")
        expectGolden(
            String(decoding: bytes, as: UTF8.self),
            Fixture.path("served/\(client.rawValue)/failing.sse"))
    }
}

/// What of a turn any dialect can say.
struct Gist: Equatable {
    var text = ""
    var thinking = ""
    var calls: [String] = []

    init(_ parts: [ContentPart]) {
        for part in parts.normal {
            switch part {
            case .text(let part): text += part.text
            case .thinking(let part): thinking += part.text
            case .toolCall(let call):
                let input: JSONValue = ["input": .string(call.arguments)]
                let arguments = call.form == .custom ? input.text : call.arguments
                calls.append("\(call.id) \(call.name) \(arguments)")
            default: break
            }
        }
    }
}
