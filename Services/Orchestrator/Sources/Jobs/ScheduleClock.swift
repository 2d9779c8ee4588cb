import Contracts
import Durable
import Lifecycle
import Log
import MeshContract

/// Starts what is due. A moment that this process does not live to note is started again under the
/// same key, and so once.
struct ScheduleClock: Sendable {
    /// A moment whose run cannot be started for now is tried again for this long.
    private static let patience = Duration.seconds(600)
    private static let atOnce = 50

    let store: ScheduleStore
    let now: @Sendable () -> Int64
    let pause: Duration
    let log: Log
    /// Starts the run of one moment, and answers with its id.
    let start: @Sendable (ScheduleStore.Record, Int64) async throws -> String
    let isOpen: @Sendable (String) async throws -> Bool

    var job: Running { Running("schedules", run: { await run() }) }

    private func run() async {
        while !Task.isCancelled {
            do {
                for record in try await store.due(at: now(), limit: Self.atOnce) {
                    try await fire(record)
                }
                try await Task.sleep(for: pause)
            } catch is CancellationError {
                return
            } catch {
                log.error("schedules are held up", ["error": "\(error)"])
                do {
                    try await Task.sleep(for: .seconds(1))
                } catch {
                    return  // it is being stopped
                }
            }
        }
    }

    private func fire(_ record: ScheduleStore.Record) async throws {
        let (schedule, moment) = (record.schedule, record.schedule.nextAt)
        // Moments that nobody was there for are one: a night's worth of runs at once helps nobody.
        let cron = try Cron(schedule.cron, zone: schedule.zone)
        let next = cron.next(after: max(now(), moment)) ?? .max
        func advance(run: String? = nil, error: String? = nil) async throws {
            try await store.advance(
                schedule.id, from: moment, to: next, run: run, error: error)
        }
        if schedule.overlap == "skip", let last = schedule.lastRun, try await isOpen(last) {
            return try await advance(error: "skipped, for \(last) has not ended")
        }
        do {
            let run = try await start(record, moment)
            try await advance(run: run)
            log.info("a schedule has started a run", ["schedule": schedule.id, "run": run])
        } catch let fault as Fault {
            let isLate = now() - moment > Int64(Self.patience.components.seconds) * 1_000
            if fault.isTransient && !isLate { return }
            try await advance(error: "\(fault)")
            log.warning(
                "a schedule could not start its run",
                ["schedule": schedule.id, "error": "\(fault)"])
        }
    }
}
