import MeshContract
import REST

/// What a client of `/ws` says: one JSON object a message.
struct LiveRequest: Decodable, Sendable {
    /// `auth`, `subscribe`, `unsubscribe` or `ping`.
    var type: String
    /// Of `auth`: an access token or an API key.
    var token: String?
    var runId: String?
    /// Of `subscribe`: the last event that the client has; 0, or nothing, for none.
    var after: Int64?
}

/// What it is told: one JSON object a message, with the fields of server-sent events and the run
/// they are of.
enum LiveMessage {
    /// The blocks of a run's event stream, each as a message. Comments are for nobody here: a
    /// WebSocket has pings.
    static func news(_ blocks: [UInt8], of run: String) -> [String] {
        String(decoding: blocks, as: UTF8.self).split(separator: "\n\n").compactMap { block in
            var (id, name, data): (Substring?, Substring?, Substring?)
            for line in block.split(separator: "\n") {
                if line.hasPrefix("id: ") { id = line.dropFirst(4) }
                if line.hasPrefix("event: ") { name = line.dropFirst(7) }
                if line.hasPrefix("data: ") { data = line.dropFirst(6) }
            }
            guard let name, let data else { return nil }
            return told(String(name), run: run, id: id, data: String(data))
        }
    }

    /// A problem document as an event, of one run or of the whole connection.
    static func refusal(_ fault: Fault, run: String?, requestID: String) -> String {
        let problem = try? JSONCoding.encode(Problem(fault, requestID: requestID))
        return told(
            "error", run: run, data: String(decoding: problem ?? [123, 125], as: UTF8.self))
    }

    /// `data` is JSON.
    static func told(
        _ event: String, run: String? = nil, id: Substring? = nil, data: String = "{}"
    ) -> String {
        var out = "{\"event\":\(EventJSON.quoted(event))"
        if let run { out += ",\"run_id\":\(EventJSON.quoted(run))" }
        if let id { out += ",\"id\":\(id)" }
        return out + ",\"data\":\(data)}"
    }
}
