import Contracts
import Durable
import FoundationEssentials
import Wire

/// The engine's events as the outside sees them: their data as JSON text.
enum EventText {
    static func event(_ event: LoggedEvent) throws -> Orchestrator.Event {
        let data = try WireDecoder.decode(WireValue.self, from: event.body)
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.withoutEscapingSlashes, .sortedKeys]
        return Orchestrator.Event(
            seq: event.seq, type: event.kind, at: event.at, step: step(data),
            data: String(decoding: try encoder.encode(data), as: UTF8.self))
    }

    private static func step(_ data: WireValue) -> String? {
        guard case .text(let step)? = data["step"] else { return nil }
        return step
    }
}
