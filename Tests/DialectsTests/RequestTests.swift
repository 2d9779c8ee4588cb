import Testing

@testable import Dialects

/// Requests of every dialect, read and written again.
@Suite struct RequestTests {
    static let all = Fixture.all("requests", [".json"])

    private func name(_ fixture: Fixture) throws -> DialectName {
        try #require(DialectName(rawValue: fixture.folder))
    }

    @Test("a request that is read and written in its dialect says the same", arguments: all)
    func same(fixture: Fixture) throws {
        let before = try fixture.json
        let name = try name(fixture)
        let after = try Codec.encode(try Codec.decode(before, name), name)
        #expect(difference(before, after) == nil)
    }

    @Test(
        "what a provider is asked in the client's own dialect is what the client said",
        arguments: all)
    func own(fixture: Fixture) throws {
        let name = try name(fixture)
        // Ours are for any server; the newest Anthropic takes no temperature.
        guard fixture.name != "sampling", fixture.name != "extended" else { return }
        var before = try #require(try fixture.json.object)
        let after = try Codec.outgoing(try Codec.decode(.object(before), name), name)
        if name == .openai, before["stream"] == true {
            var options = before["stream_options"]?.object ?? [:]
            options["include_usage"] = true
            before["stream_options"] = .object(options)
        }
        #expect(difference(.object(before), after) == nil)
    }

    @Test(
        "a request is asked of every other provider as was accepted",
        arguments: all, DialectName.allCases)
    func translated(fixture: Fixture, to: DialectName) throws {
        let name = try name(fixture)
        guard to != name else { return }
        let request = try Codec.decode(try fixture.json, name)
        var text: String
        do {
            let call = try to.dialect.request(
                request, endpoint: Endpoint(baseURL: "http://a", key: "k"))
            text = try pretty(json(call)) + "\n"
            let value = try json(call)
            // Nothing of another dialect's own gets through: what was written can be read.
            _ = try Codec.decode(value, to)
        } catch let failure as UpstreamFailure {
            text = "refused: \(failure)\n"
        }
        expectGolden(
            text,
            Fixture.path("translated/\(fixture.folder)/\(fixture.name)-\(to.rawValue).json"))
    }

    private func pretty(_ value: JSONValue, _ indent: String = "") -> String {
        let more = indent + " "
        switch value {
        case .object(let object) where !object.isEmpty && value.text.utf8.count > 80:
            let members = object.members.map { key, value in
                "\(more)\(JSONValue.string(key).text): \(pretty(value, more))"
            }
            return "{\n" + members.joined(separator: ",\n") + "\n\(indent)}"
        case .array(let items) where !items.isEmpty && value.text.utf8.count > 80:
            let items = items.map { more + pretty($0, more) }
            return "[\n" + items.joined(separator: ",\n") + "\n\(indent)]"
        default: return value.text
        }
    }
}
