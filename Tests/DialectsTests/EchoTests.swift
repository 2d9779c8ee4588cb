import Testing

@testable import Dialects

/// A provider's reply goes to a client of another dialect, which gives it back with its next
/// request: the provider sees again what it wants to see.
@Suite struct EchoTests {
    /// The request in which a client gives back what it was served.
    private func echo(_ served: JSONValue, _ client: DialectName) throws -> JSONValue {
        let question: JSONValue = ["role": "user", "content": "Hi"]
        switch client {
        case .anthropic:
            let turn: JSONValue = ["role": "assistant", "content": served["content"] ?? []]
            return ["model": "m", "max_tokens": 9, "messages": [question, turn, question]]
        case .openai:
            let message = served["choices"]?.array?.first?["message"] ?? .null
            return ["model": "m", "messages": [question, message, question]]
        default:
            let items = served["output"]?.array ?? []
            return ["model": "m", "input": .array([question] + items + [question])]
        }
    }

    private func returned(
        _ answer: ModelAnswer, by client: DialectName
    ) throws -> (request: ModelRequest, parts: [ContentPart]) {
        let dialect = try #require(client.served)
        let body = dialect.answer(
            answer, to: ServedTests.request(client), as: ServedTests.name)
        let echo = try echo(try JSONValue(parsing: body), client)
        let request = try dialect.request(echo.bytes)
        let parts = request.messages.filter { $0.role == .assistant }.flatMap(\.parts)
        return (request, parts)
    }

    @Test(
        "signatures and the names of calls come back from every client",
        arguments: ServedTests.clients, Fixture.whole)
    func signatures(client: DialectName, fixture: Fixture) throws {
        let answer = try fixture.answer()
        let parts = try returned(answer, by: client).parts
        #expect(Seals(parts) == Seals(answer.parts))
        #expect(Gist(parts).calls == Gist(answer.parts).calls)
        #expect(Gist(parts).text == Gist(answer.parts).text)
        #expect(Gist(parts).thinking == Gist(answer.parts).thinking)
    }

    @Test(
        "the provider is asked with its own turn as it was",
        arguments: ServedTests.clients,
        Fixture.whole.filter { ["anthropic", "gemini", "ollama"].contains($0.folder) })
    func turns(client: DialectName, fixture: Fixture) throws {
        let kinds = ["citations", "new-kinds", "code"]
        guard !kinds.contains(fixture.name) else { return }
        let name = type(of: fixture.dialect).name
        let answer = try fixture.answer()
        var request = try returned(answer, by: client).request
        let after = try Codec.outgoing(request, name)
        guard let place = request.messages.firstIndex(where: { $0.role == .assistant }) else {
            #expect(answer.parts.isEmpty)
            return
        }
        request.messages[place].parts = answer.parts.filter { part in
            // Gemini does not ask for thoughts again that it has not signed.
            if case .thinking(let part) = part, name == .gemini { return part.signature != nil }
            return part.text?.isEmpty != true
        }
        // A dialect's own names for things that have none are not a client's to give back.
        for part in request.messages[place].parts.indices {
            if case .toolCall(var call) = request.messages[place].parts[part] {
                call.extras = Extras()
                request.messages[place].parts[part] = .toolCall(call)
            }
        }
        let before = try Codec.outgoing(request, name)
        #expect(difference(before, after) == nil)
    }
}

/// What providers have signed, and where.
struct Seals: Equatable {
    var lines: [String] = []

    init(_ parts: [ContentPart]) {
        for part in parts {
            switch part {
            case .thinking(let part):
                guard let signature = part.signature else { continue }
                lines.append("thinking \(signature.origin) \(signature.value) \(part.text)")
            case .redacted(let part):
                lines.append("redacted \(part.sealed.origin) \(part.sealed.value)")
            case .toolCall(let call):
                guard let signature = call.signature else { continue }
                lines.append("call \(call.id) \(signature.origin) \(signature.value)")
            case .text(let text):
                guard let signature = text.signature else { continue }
                lines.append("text \(signature.origin) \(signature.value) \(text.text)")
            default: continue
            }
        }
    }
}
