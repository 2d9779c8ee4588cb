import FoundationEssentials
import HTTP
import Lifecycle
import Log
import ServiceKit

/// What every request passes beside its endpoint: limits, kept answers, the access log. And who this
/// stack is, so that its own command line knows it from another on the same port.
struct Surface: Sendable {
    private static let pace = Duration.seconds(1)
    private static let sweepEvery = 60

    let limits: RateLimits
    let answers: KeptAnswers
    let accessLog: AccessLog?
    /// New at each start; in the data folder as `run/instance`.
    let instance: String
    let metrics: MetricsAccess
    private let folder: String
    private let ambient: Ambient
    private let log: Log

    static let migrations = RateStore.migrations + KeptAnswerStore.migrations

    init(_ kit: NodeKit, _ config: GatewayConfig) async throws {
        log = kit.log
        limits = RateLimits(
            store: RateStore(database: kit.database), ambient: kit.ambient, config: config)
        answers = KeptAnswers(
            store: KeptAnswerStore(database: kit.database), sealing: try kit.data.key("answers"),
            ambient: kit.ambient, log: kit.log)
        accessLog = AccessLog(setting: config.accessLog, data: kit.data, log: kit.log)
        metrics = MetricsAccess(token: config.metricsToken)
        instance = kit.ambient.makeID("ins")
        (folder, ambient) = (kit.data.path, kit.ambient)
        try await limits.restore()
    }

    /// Once it listens: who looks into the folder knows this process from another, and whether it
    /// speaks TLS, by which certificate.
    func announce(certificate: String?) throws {
        let path = certificate.map { file in
            file.hasPrefix("/") ? file : FileManager.default.currentDirectoryPath + "/" + file
        }
        try DataFolder.write(Array((path ?? "").utf8), to: folder + "/run/gateway.tls")
        try DataFolder.write(Array(instance.utf8), to: folder + "/run/instance")
    }

    /// A line of the access log.
    func note(
        _ request: HTTPRequest, _ marks: RequestMarks, _ notes: RequestNotes, status: Int,
        nanoseconds: UInt64
    ) {
        accessLog?.note(
            .init(
                at: ambient.now(), method: request.method, facts: notes.facts, status: status,
                nanoseconds: nanoseconds, request: marks.id, trace: marks.trace,
                remote: request.remote))
    }

    var jobs: [Running] { [keeping] + (accessLog.map { [$0.job] } ?? []) }

    /// Writes down once a second how the limits stand, and forgets what is outdated.
    private var keeping: Running {
        Running(
            "surface",
            run: {
                var round = 0
                while true {
                    try await Task.sleep(for: Self.pace)
                    await tend(sweeping: round % Self.sweepEvery == 0)
                    round += 1
                }
            },
            stop: { await tend(sweeping: false) })
    }

    private func tend(sweeping: Bool) async {
        do {
            try await limits.save()
            guard sweeping else { return }
            try await limits.sweep()
            try await answers.sweep()
        } catch {
            log.warning("limits and kept answers were not tended", ["error": "\(error)"])
        }
    }
}
