/// Brings parts that were open at the same time one after the other, for dialects that know no
/// other order: what belongs to a later part waits until the one before it closes.
struct PartSequence: Sendable {
    private var current: Int?
    private var order: [Int] = []
    private var waiting: [Int: [ModelEvent]] = [:]

    mutating func add(_ event: ModelEvent) -> [ModelEvent] {
        switch event {
        case .open(let index, _):
            guard current != nil else {
                current = index
                return [event]
            }
            order.append(index)
            waiting[index] = [event]
            return []
        case .text(let index, _), .thinking(let index, _), .signature(let index, _),
            .arguments(let index, _), .detail(let index?, _):
            guard index != current else { return [event] }
            waiting[index]?.append(event)
            return []
        case .close(let index):
            guard index == current else {
                waiting[index]?.append(event)
                return []
            }
            current = nil
            return [event] + promote()
        case .start, .detail(nil, _), .usage, .stop, .other: return [event]
        }
    }

    /// Whatever waits, at the end.
    mutating func rest() -> [ModelEvent] {
        var events: [ModelEvent] = []
        while let index = current {
            events += add(.close(index))
        }
        return events
    }

    private mutating func promote() -> [ModelEvent] {
        var events: [ModelEvent] = []
        while current == nil, !order.isEmpty {
            let index = order.removeFirst()
            current = index
            for event in waiting.removeValue(forKey: index) ?? [] {
                if case .close = event { current = nil }
                events.append(event)
            }
        }
        return events
    }
}
