import EventLoop
import MeshContract
import SP
import Synchronization

/// The replicas of one service, and the choice among them: the one with the fewest calls under way
/// of those that are up.
public final class Replicas: Sendable {
    /// Makes the channel to an address; the second argument is to be told, from the loop, whenever
    /// the channel's state may have changed.
    typealias MakeChannel = @Sendable (SPAddress, @escaping @Sendable () -> Void) -> any Channel
    /// Learns what a name means; it may block.
    typealias LookUp = @Sendable (SPAddress) -> [SPAddress]

    struct State {
        var replicas: [Replica] = []
        var made = 0
        var budget = RetryBudget()
        var hedges = 0
        /// Of the hedged methods.
        var latencies: [String: Latency] = [:]
        var waiting: [Int: Waiting] = [:]
        var asked = 0
        /// Counts what may have changed a choice.
        var changes = 0
        /// For ties; any beginning but zero.
        var chance = UInt64.random(in: 1 ... .max)
        /// Who asks, for pings.
        var caller = ""
        var lookUpAt = UInt64.max
        var isLookingUp = false
        var isClosed = false
    }

    struct Waiting {
        let deadline: UInt64
        let waiter: CheckedContinuation<End, Never>
        enum End { case change, deadline, cancelled, closed }
    }

    /// A replica that was chosen; it has to be given back.
    struct Pick {
        let id: Int
        let channel: any Channel
    }

    enum Choice {
        case pick(Pick)
        /// None is up; the number of changes that this was seen at.
        case nobody(Int)
        /// All are left alone, for so many nanoseconds yet.
        case open(UInt64)
        case closed
    }

    let service: String
    let state = Mutex(State())
    /// nil for replicas within the process.
    let loop: EventLoop?
    let names: [SPAddress]
    let lookUp: LookUp
    private let rules: Circuit.Rules
    private let makeChannel: MakeChannel
    private let timer = Mutex<LoopTimer?>(nil)

    /// One that is always the same and never left alone.
    init(_ service: String, _ channel: any Channel) {
        (self.service, loop, names, rules) = (service, nil, [], .none)
        lookUp = { [$0] }
        makeChannel = { _, _ in channel }
        state.withLock {
            $0.replicas = [
                Replica(
                    id: 0, channel: channel, address: nil, place: "in this process",
                    circuit: Circuit(.none))
            ]
        }
    }

    /// Those at the addresses, and those that the names among them mean, now and later.
    init(
        _ service: String, at addresses: [SPAddress], on loop: EventLoop,
        rules: Circuit.Rules = Circuit.Rules(), lookUp: @escaping LookUp = { $0.lookUp() },
        _ makeChannel: @escaping MakeChannel
    ) {
        (self.service, self.loop, self.rules) = (service, loop, rules)
        (self.lookUp, self.makeChannel) = (lookUp, makeChannel)
        names = addresses.filter(\.isName)
        let timer = LoopTimer(on: loop) { [weak self] now in self?.expire(now) ?? .max }
        self.timer.withLock { $0 = timer }
        for address in addresses where !address.isName { add(address) }
        if !names.isEmpty { lookUpNames() }
    }

    func wake(by deadline: UInt64) { timer.withLock { $0 }?.set(by: deadline) }

    func add(_ address: SPAddress) {
        let id = state.withLock { state in
            state.made += 1
            return state.made
        }
        let channel = makeChannel(address) { [weak self] in self?.changed(id) }
        let isClosed = state.withLock { state in
            guard !state.isClosed else { return true }
            state.replicas.append(
                Replica(
                    id: id, channel: channel, address: address, place: address.place,
                    circuit: Circuit(rules)))
            return false
        }
        if isClosed { channel.close() }
    }

    func close() {
        let (channels, waiting) = state.withLock { state in
            state.isClosed = true
            defer { (state.replicas, state.waiting) = ([], [:]) }
            return (state.replicas.map(\.channel), state.waiting.values.map(\.waiter))
        }
        timer.withLock { timer in
            timer?.end()
            timer = nil
        }
        for channel in channels { channel.close() }
        for waiter in waiting { waiter.resume(returning: .closed) }
    }

    // MARK: The choice

    /// The least busy one, and counts a call on it. `isReserved` asks those that are left alone, too;
    /// `isFirst` tells the budget of a new call.
    func pick(
        avoiding tried: [Int] = [], isReserved: Bool = false, mustBeUp: Bool = false,
        isFirst: Bool = false, at now: UInt64
    ) -> Choice {
        state.withLock { state in
            guard !state.isClosed else { return .closed }
            if isFirst { state.budget.called(at: now) }
            if state.replicas.count == 1, !mustBeUp, let only = Self.only(&state, isReserved) {
                return .pick(only)
            }
            var best: (index: Int, rank: Int)?
            var ties: UInt64 = 1
            var (usable, opensAt) = (0, UInt64.max)
            for index in state.replicas.indices where !state.replicas[index].isGoing {
                let replica = state.replicas[index]
                guard replica.circuit.mayCall || isReserved else {
                    opensAt = min(opensAt, replica.circuit.probeAt)
                    continue
                }
                usable += 1
                let rank = Self.rank(replica, tried, now)
                guard let old = best else {
                    best = (index, rank)
                    continue
                }
                let fewer = state.replicas[old.index].outstanding - replica.outstanding
                if rank < old.rank || (rank == old.rank && fewer > 0) {
                    (best, ties) = ((index, rank), 1)
                } else if rank == old.rank, fewer == 0 {
                    ties += 1
                    if Self.random(&state.chance) % ties == 0 { best = (index, rank) }
                }
            }
            guard let best else {
                guard opensAt < .max || !state.replicas.allSatisfy(\.isGoing) else {
                    return .nobody(state.changes)
                }
                return .open(opensAt == .max || opensAt < now ? 0 : opensAt - now)
            }
            // The one there is may be waited on where it is; among several, the first to be up is
            // the one to ask.
            guard best.rank < Self.down || (usable == 1 && !mustBeUp) else {
                return .nobody(state.changes)
            }
            state.replicas[best.index].outstanding += 1
            let replica = state.replicas[best.index]
            return .pick(Pick(id: replica.id, channel: replica.channel))
        }
    }

    /// The usual case, without a look at anything else.
    private static func only(_ state: inout State, _ isReserved: Bool) -> Pick? {
        guard !state.replicas[0].isGoing, isReserved || state.replicas[0].circuit.mayCall else {
            return nil
        }
        state.replicas[0].outstanding += 1
        return Pick(id: state.replicas[0].id, channel: state.replicas[0].channel)
    }

    private static let down = 3

    /// The lower the better.
    private static func rank(_ replica: Replica, _ tried: [Int], _ now: UInt64) -> Int {
        guard replica.channel.isUp else { return down }
        if tried.contains(replica.id) { return 2 }
        return replica.restsUntil > now ? 1 : 0
    }

    /// Xorshift: a choice needs no better chance.
    private static func random(_ chance: inout UInt64) -> UInt64 {
        chance ^= chance << 13
        chance ^= chance >> 7
        chance ^= chance << 17
        return chance
    }

    /// True when another one than those could be asked at once.
    func hasOther(than tried: [Int]) -> Bool {
        state.withLock { state in
            state.replicas.contains {
                !$0.isGoing && $0.circuit.mayCall && !tried.contains($0.id) && $0.channel.isUp
            }
        }
    }

    /// A call on the one that was picked has ended.
    func finish(_ pick: Pick, _ outcome: Replica.Outcome, by caller: String, at now: UInt64) {
        let (gone, probeAt) = state.withLock { state -> ((any Channel)?, UInt64?) in
            guard let index = state.replicas.firstIndex(where: { $0.id == pick.id }) else {
                return (nil, nil)
            }
            state.replicas[index].outstanding -= 1
            let hasOpened = state.replicas[index].note(outcome, at: now)
            if state.replicas[index].isGoing, state.replicas[index].outstanding == 0 {
                return (state.replicas.remove(at: index).channel, nil)
            }
            guard hasOpened else { return (nil, nil) }
            state.caller = caller
            return (nil, state.replicas[index].circuit.probeAt)
        }
        gone?.close()
        if let probeAt { wake(by: probeAt) }
    }
}
