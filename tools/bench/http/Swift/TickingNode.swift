import Contracts
import Database
import FoundationEssentials
import Glibc
import Mesh
import MeshContract
import ServiceKit

/// Stands for the orchestrator with runs that never end: each has so many events a second, by
/// `BENCH_EVENTS`, at times of its own, and none for 0.
struct TickingNode: ServiceNode {
    typealias Service = Orchestrator
    static let migrations: [Migration] = []
    static let commands = Commands(Orchestrator.contract)
    /// As the real one.
    private static let mostEvents: Int64 = 200

    /// Nanoseconds between two events of a run; 0 for no events.
    private let period: Int64
    private let began = TickingNode.now()

    init(_ kit: NodeKit) async throws {
        let rate = try kit.settings.integer("BENCH_EVENTS", default: 10, in: 0...1_000)
        period = rate == 0 ? 0 : 1_000_000_000 / Int64(rate)
    }

    var routes: Routes { Routes(partOf: Orchestrator.contract, run, follow) }

    /// Wall nanoseconds, which the watching program has, too.
    private static func now() -> Int64 {
        var time = timespec()
        clock_gettime(CLOCK_REALTIME, &time)
        return Int64(time.tv_sec) * 1_000_000_000 + Int64(time.tv_nsec)
    }

    /// When an event of a run is due: not all runs speak in the same moment.
    private func due(_ number: Int64, of run: String) -> Int64 {
        let place = Int64(run.utf8.reduce(0) { ($0 &* 31 &+ UInt32($1)) % 9_973 })
        return began + period * number + period * place / 9_973
    }

    private func last(of run: String) -> Int64 {
        guard period > 0 else { return 0 }
        var number = max((Self.now() - began) / period - 2, 0)
        while due(number + 1, of: run) <= Self.now() { number += 1 }
        return number
    }

    @Sendable private func run(
        _ request: Orchestrator.GetRun, _ call: Call
    ) async throws -> Orchestrator.Run {
        Orchestrator.Run(
            id: request.id, user: request.user, studio: "write", title: "Bench", state: "running",
            progress: 0.5, currentStep: nil, error: nil, stopReason: nil, createdAt: 0,
            startedAt: 0, endedAt: nil, cost: 0, lastSeq: last(of: request.id))
    }

    @Sendable private func follow(
        _ request: Orchestrator.Follow, _ call: Call
    ) async throws -> Orchestrator.News {
        let limit = Self.now() + Int64(request.waitMilliseconds) * 1_000_000
        var last = last(of: request.run)
        while last <= request.after, Self.now() < limit {
            let next = period > 0 ? min(due(request.after + 1, of: request.run), limit) : limit
            try await Task.sleep(for: .nanoseconds(max(next - Self.now(), 0)))
            last = self.last(of: request.run)
        }
        let first = request.after + 1
        let end = min(last, request.after + Self.mostEvents)
        let events = first <= end ? (first...end).map { event($0, request.run) } : []
        return Orchestrator.News(events: events, texts: [], state: "running", isEnded: false)
    }

    private func event(_ number: Int64, _ run: String) -> Orchestrator.Event {
        let due = due(number, of: run)
        return Orchestrator.Event(
            seq: number, type: "turn.progress", at: due / 1_000_000, step: "round-1/Writer",
            data: #"{"agent":"Writer","sent_ns":\#(due)}"#)
    }
}
