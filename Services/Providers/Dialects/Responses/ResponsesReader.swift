import EventStream

/// Reads the events of a response, up to `response.completed`, `.incomplete` or `.failed`. What
/// a server does not send in pieces is taken from where it sends it whole.
struct ResponsesReader: MessageReader {
    private(set) var isDone = false
    private var parts = ResponsesParts()
    private var hasStarted = false
    /// What the beginning says: most often what was asked for.
    private var tier: JSONValue?

    mutating func read(
        _ message: ServerSentEvent, into events: inout [ModelEvent]
    ) throws(UpstreamFailure) {
        // Some servers end with OpenAI's older mark, which says nothing here.
        if message.data.elementsEqual("[DONE]".utf8) { return }
        let event = try JSONValue.event(message.data)
        let type = event["type"]?.string ?? message.type
        switch type {
        case "response.created", "response.in_progress", "response.queued":
            if let response = event["response"] { start(response, &events) }
        case "response.completed", "response.incomplete", "response.done":
            try finish(event["response"] ?? .null, &events)
        case "response.failed", "response.cancelled":
            throw ResponsesAnswer.failure(event["response"] ?? .null)
        case "error":
            guard let error = ErrorBody(event) else { throw .garbage("an error without words") }
            throw UpstreamFailure(inStream: error, kind: OpenAIDialect.kind)
        default:
            if event["error"] != nil, event["type"] == nil, let error = ErrorBody(event) {
                throw UpstreamFailure(inStream: error, kind: OpenAIDialect.kind)
            }
            if try !parts.read(type, event, &events) {
                events.append(.other(RawPart(.responses, event)))
            }
        }
    }

    private mutating func start(_ response: JSONValue, _ events: inout [ModelEvent]) {
        guard !hasStarted, case .object(let object) = response else { return }
        hasStarted = true
        tier = object["service_tier"]
        events.append(.start(ResponsesAnswer.head(object)))
    }

    private mutating func finish(
        _ response: JSONValue, _ events: inout [ModelEvent]
    ) throws(UpstreamFailure) {
        guard case .object = response else { throw .garbage("the last event has no response") }
        start(response, &events)
        let output = response["output"]?.array ?? []
        try parts.finish(output, &events)
        if let usage = response["usage"] {
            let counts = ResponsesCounts(usage)
            events.append(.usage(counts.usage(with: output, in: response["service_tier"])))
            if let rest = counts.rest {
                events.append(.detail(nil, Detail(.responses, "usage", rest)))
            }
        }
        if let now = response["service_tier"], !now.isNull, now != tier {
            events.append(.detail(nil, Detail(.responses, "service_tier", now)))
        }
        guard let stop = try ResponsesAnswer.stop(response, hasCalls: parts.hasCalls) else {
            throw .garbage("the response ends without having been completed")
        }
        isDone = true
        events.append(.stop(stop))
    }
}
