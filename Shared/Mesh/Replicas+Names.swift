import Dispatch
import EventLoop
import SP
import Synchronization

/// Names mean what the directory of names says now: new addresses are called, and those that have
/// vanished are given no further call.
extension Replicas {
    /// How often a name is looked up again.
    private static let pause: UInt64 = 10_000_000_000
    /// The same while nobody knows it.
    private static let shortPause: UInt64 = 500_000_000

    /// Elsewhere, for it may take seconds; one look at a time.
    func lookUpNames() {
        let mayBegin = state.withLock { state in
            guard !state.isLookingUp, !state.isClosed else { return false }
            state.isLookingUp = true
            return true
        }
        guard mayBegin else { return }
        DispatchQueue.global().async { [names, lookUp, weak self] in
            let found = names.map(lookUp)
            guard let self else { return }
            self.loop?.perform { self.found(found) }
        }
    }

    /// What the names mean now, in their order. A name that nobody knows at the moment means what it
    /// meant before.
    private func found(_ found: [[SPAddress]]) {
        let now = monotonic()
        var gone: [any Channel] = []
        let isWhole = !found.contains(where: \.isEmpty)
        let lookUpAt = now &+ (isWhole ? Self.pause : Self.shortPause)
        let new = state.withLock { state -> [SPAddress] in
            state.isLookingUp = false
            guard !state.isClosed else { return [] }
            state.lookUpAt = lookUpAt
            let known = Set(state.replicas.filter { !$0.isGoing }.map(\.place))
            var places: Set<String> = []
            var new: [SPAddress] = []
            for address in found.joined() where places.insert(address.place).inserted {
                if !known.contains(address.place) { new.append(address) }
            }
            let silent = Set(zip(names, found).filter { $1.isEmpty }.map { $0.0.url })
            let named = Set(names.map(\.url))
            for index in state.replicas.indices.reversed() {
                let replica = state.replicas[index]
                guard let url = replica.address?.url, named.contains(url), !silent.contains(url),
                    !places.contains(replica.place), !replica.isGoing
                else { continue }
                state.replicas[index].isGoing = true
                if replica.outstanding == 0 {
                    gone.append(state.replicas.remove(at: index).channel)
                }
            }
            return new
        }
        for channel in gone { channel.close() }
        for address in new { add(address) }
        if !new.isEmpty { news() }
        wake(by: lookUpAt)
    }
}
