import Curl
import Fakes
import FoundationEssentials
import Glibc
import ServiceKit
import Testing
import Testkit
import Wire

/// Reads server-sent events, as a browser does.
final class EventReader {
    struct Event {
        var id: Int64?
        var type: String
        var data: String

        var json: WireValue { (try? WireValue(json: Array(data.utf8))) ?? .null }
    }

    let stream: ClientStream
    private(set) var comments: [String] = []
    private var rest: [UInt8] = []

    init(_ stream: ClientStream) { self.stream = stream }

    /// nil when the stream has ended.
    func next() async throws -> Event? {
        while true {
            while let end = boundary() {
                let block = String(decoding: rest[..<end], as: UTF8.self)
                rest.removeFirst(end + 2)
                if let event = event(block) { return event }
            }
            guard let more = try await stream.next() else { return nil }
            rest += more
        }
    }

    /// All events to the end.
    func all() async throws -> [Event] {
        var events: [Event] = []
        while let event = try await next() { events.append(event) }
        return events
    }

    func until(_ type: String) async throws -> [Event] {
        var events: [Event] = []
        while let event = try await next() {
            events.append(event)
            // A step that has just begun may be told of with no text yet.
            if event.type == type, event.json["text"]?.string != "" { break }
        }
        return events
    }

    /// The next event of a type.
    func first(_ type: String) async throws -> Event {
        try #require(try await until(type).last)
    }

    private func boundary() -> Int? {
        rest.indices.dropLast().first { rest[$0] == 10 && rest[$0 + 1] == 10 }
    }

    private func event(_ block: String) -> Event? {
        var event = Event(id: nil, type: "", data: "")
        for line in block.split(separator: "\n") {
            let parts = line.split(separator: ":", maxSplits: 1, omittingEmptySubsequences: false)
            let value = parts.count > 1 ? String(parts[1].drop { $0 == " " }) : ""
            switch parts[0] {
            case "id": event.id = Int64(value)
            case "event": event.type = value
            case "data": event.data += value
            case "": comments.append(value)
            default: continue
            }
        }
        return event.type.isEmpty ? nil : event
    }
}

extension Rig {
    func file(_ name: String) throws -> String {
        let bytes = try Data(contentsOf: URL(filePath: mesh.data.path + "/" + name))
        return String(decoding: bytes, as: UTF8.self)
    }

    func mode(of name: String) -> UInt32? {
        var status = stat()
        guard lstat(mesh.data.path + "/" + name, &status) == 0 else { return nil }
        return status.st_mode & 0o777
    }
}
