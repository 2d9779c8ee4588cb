import Dialects
import Testing

/// Every recorded stream, cut in every place.
@Suite struct StreamTests {
    @Test(
        "a stream gives the same events however it is cut, those that were accepted",
        arguments: Fixture.streams)
    func events(fixture: Fixture) throws {
        let reading = read(bytes: try fixture.bytes, with: fixture.dialect)
        var lines = describe(reading.events)
        if let failure = reading.failure { lines += "failure \(failure)\n" }
        #expect((reading.failure != nil) == fixture.isFailure)
        let folder = "events/\(fixture.folder)/\(fixture.name).txt"
        expectGolden(lines, Fixture.path(folder))
    }

    @Test(
        "a stream that ends early says so, and is never taken for whole",
        arguments: Fixture.streams)
    func cut(fixture: Fixture) throws {
        let bytes = try fixture.bytes
        let whole = read([bytes], with: fixture.dialect)
        var parser = fixture.dialect.makeParser()
        var events: [ModelEvent] = []
        var hasSucceeded = false
        for (count, byte) in bytes.enumerated() {
            let reading = ending(parser, events)
            if reading.failure == nil {
                hasSucceeded = true
                // What is missing now can be figures and marks, but nothing that was said.
                #expect(reading.answer.parts == whole.answer.parts, "at byte \(count)")
                #expect(reading.answer.stop == whole.answer.stop, "at byte \(count)")
            } else if let kind = reading.failure?.kind, !fixture.isFailure {
                let isEarly = kind == .garbage && events.isEmpty
                #expect(kind == .truncated || isEarly, "at byte \(count): \(kind)")
            }
            do throws(UpstreamFailure) {
                events += try parser.feed([byte])
            } catch {
                #expect(error == whole.failure)
                break
            }
        }
        if fixture.isFailure { #expect(!hasSucceeded) }
    }

    /// What would be heard if the stream ended here.
    private func ending(_ parser: any StreamParser, _ events: [ModelEvent]) -> Reading {
        var parser = parser
        var reading = Reading(events: events)
        do throws(UpstreamFailure) {
            reading.events += try parser.end()
        } catch {
            reading.failure = error
        }
        return reading
    }

    @Test("parts open once, are filled while they are open, and close", arguments: Fixture.whole)
    func order(fixture: Fixture) throws {
        var open: Set<Int> = []
        var opened = 0
        var stops = 0
        for event in read([try fixture.bytes], with: fixture.dialect).events {
            switch event {
            case .open(let index, _):
                #expect(index == opened && open.insert(index).inserted)
                opened += 1
            case .text(let index, _), .thinking(let index, _), .arguments(let index, _),
                .signature(let index, _):
                #expect(open.contains(index))
            case .close(let index): #expect(open.remove(index) != nil)
            case .stop: stops += 1
            case .start, .detail, .usage, .other: break
            }
        }
        #expect(open.isEmpty && stops == 1)
    }

    @Test(
        "a whole reply is the same as the streamed one",
        arguments: Fixture.all("answers", [".json"]))
    func whole(fixture: Fixture) throws {
        let stream = try #require(
            Fixture.streams.first { $0.folder == fixture.folder && $0.name == fixture.name })
        let whole = try fixture.dialect.answer(try fixture.bytes)
        let streamed = try stream.answer()
        #expect(whole.parts.normal == streamed.parts.normal)
        #expect(whole.usage == streamed.usage)
        #expect(whole.stop?.reason == streamed.stop?.reason)
        #expect(whole.head.id == streamed.head.id && whole.head.model == streamed.head.model)
        #expect(whole.stop?.extras == streamed.stop?.extras)
    }
}
