import Dialects
import Synchronization

/// Turns the steps of an answer into a client's bytes. What the answer is called towards the client
/// is known at its first step.
final class ServedPen: Sendable {
    private struct State {
        var writer: (any StreamWriter)?
        var hasUsage = false
    }

    private let state = Mutex(State())
    private let make: @Sendable () -> any StreamWriter

    init(_ make: @escaping @Sendable () -> any StreamWriter) { self.make = make }

    /// Out of its place, so that it is changed where it is and not copied.
    private static func take(
        _ state: inout State, _ make: () -> any StreamWriter
    ) -> any StreamWriter {
        defer { state.writer = nil }
        return state.writer ?? make()
    }

    func write(_ events: [ModelEvent]) -> [UInt8] {
        state.withLock { state in
            var writer = Self.take(&state, make)
            defer { state.writer = writer }
            for case .usage in events { state.hasUsage = true }
            return writer.write(events)
        }
    }

    /// The last bytes; `usage` stands for figures that never came.
    func end(_ usage: TokenUsage) -> [UInt8] {
        state.withLock { state in
            var writer = Self.take(&state, make)
            defer { state.writer = writer }
            let figures = state.hasUsage ? [] : writer.write(.usage(usage))
            return figures + writer.end()
        }
    }

    func fail(_ fault: ServedFault) -> [UInt8] {
        state.withLock { state in
            var writer = Self.take(&state, make)
            defer { state.writer = writer }
            return writer.fail(fault)
        }
    }
}
