import EventLoop
import Mesh
import MeshContract

/// What happened on the mesh between two readings; with one reading, since each service's start.
struct MeshWindow: Sendable, Encodable {
    struct Service: Sendable, Encodable {
        var service: String
        var url: String
        var up: Bool
        var trouble: String?
        var seconds: Double?
        var uptimeMilliseconds: Int?
        var processorPercent: Double?
        var residentBytes: Int?
        var descriptors: Int?
        var descriptorLimit: Int?
        var connections: Int?
        /// Of the loop that was slowest.
        var turnP99Microseconds: Double?
        var stalls: Int?
        var inHand: Int?
        var refused: Int?
        var unknown: Int?
        var methods: [Method] = []

        enum CodingKeys: String, CodingKey {
            case service, url, up, trouble, seconds, descriptors, connections, stalls, refused
            case unknown, methods
            case uptimeMilliseconds = "uptime_ms"
            case processorPercent = "cpu_percent"
            case residentBytes = "rss_bytes"
            case descriptorLimit = "descriptor_limit"
            case turnP99Microseconds = "loop_turn_p99_us"
            case inHand = "in_hand"
        }
    }

    struct Method: Sendable, Encodable {
        var service: String
        var method: String
        /// Its answer may be held back until there is news.
        var waits: Bool
        var calls: Int
        var callsPerSecond: Double
        var faults: Int
        var errorPercent: Double
        var faultCodes: [String: Int]
        var p50: Double?
        var p90: Double?
        var p99: Double?
        /// Since the start, not of the window.
        var longest: Double
        var queueP50: Double?
        var queueP99: Double?
        var inHand: Int
        var oldestMilliseconds: Int
        var refused: Int
        var cancelled: Int
        var held: Int
        var bytesInPerSecond: Double
        var bytesOutPerSecond: Double

        enum CodingKeys: String, CodingKey {
            case service, method, waits, calls, faults, refused, cancelled, held
            case callsPerSecond = "calls_per_second"
            case errorPercent = "error_percent"
            case faultCodes = "fault_codes"
            case p50 = "p50_us"
            case p90 = "p90_us"
            case p99 = "p99_us"
            case longest = "max_us"
            case queueP50 = "queue_p50_us"
            case queueP99 = "queue_p99_us"
            case inHand = "in_hand"
            case oldestMilliseconds = "oldest_ms"
            case bytesInPerSecond = "in_bytes_per_second"
            case bytesOutPerSecond = "out_bytes_per_second"
        }
    }

    var services: [Service]

    init(_ now: MeshReading, since before: MeshReading? = nil) {
        let earlier = Dictionary(
            (before?.services ?? []).map { ($0.name, $0) }, uniquingKeysWith: { first, _ in first })
        services = now.services.map { reading in
            guard let stats = reading.stats else { return Self.down(reading) }
            let window = earlier[reading.name]?.stats.map { stats.since($0) } ?? stats
            // The service's own clock: a reading may have waited on its way.
            let seconds = max(Double(window.process.uptimeMilliseconds) / 1_000, 0.001)
            return Self.service(reading, stats, window, seconds)
        }
    }

    /// All methods of all services.
    var methods: [Method] { services.flatMap(\.methods) }

    private static func down(_ reading: MeshReading.Service) -> Service {
        Service(service: reading.name, url: reading.url, up: false, trouble: reading.trouble)
    }

    private static func service(
        _ reading: MeshReading.Service, _ stats: ServiceStats, _ window: ServiceStats,
        _ seconds: Double
    ) -> Service {
        var service = Service(service: reading.name, url: reading.url, up: true)
        service.seconds = seconds
        service.uptimeMilliseconds = stats.process.uptimeMilliseconds
        service.processorPercent =
            Double(window.process.processorMilliseconds) / seconds / 10
        service.residentBytes = stats.process.residentBytes
        service.descriptors = stats.process.descriptors
        service.descriptorLimit = stats.process.descriptorLimit
        service.connections = stats.process.connections
        service.turnP99Microseconds =
            window.loops.compactMap { microseconds($0.turns.quantile(0.99)) }.max()
        service.stalls = window.loops.reduce(0) { $0 + $1.stalls }
        (service.inHand, service.refused) = (stats.inHand, window.refused)
        service.unknown = window.unknown
        service.methods = window.methods.map { method($0, reading, seconds) }
        return service
    }

    private static func method(
        _ method: ServiceStats.Method, _ reading: MeshReading.Service, _ seconds: Double
    ) -> Method {
        Method(
            service: reading.name, method: method.method,
            waits: KnownContracts.card(reading.service, method.method)?.traits.isLongPoll ?? false,
            calls: method.calls, callsPerSecond: Double(method.calls) / seconds,
            faults: method.faults,
            errorPercent: method.calls > 0
                ? Double(method.faults) / Double(method.calls) * 100 : 0,
            faultCodes: method.faultCodes,
            p50: microseconds(method.latency.quantile(0.5)),
            p90: microseconds(method.latency.quantile(0.9)),
            p99: microseconds(method.latency.quantile(0.99)),
            longest: microseconds(method.latency.longest) ?? 0,
            queueP50: microseconds(method.queue.quantile(0.5)),
            queueP99: microseconds(method.queue.quantile(0.99)),
            inHand: method.inHand, oldestMilliseconds: method.oldestMilliseconds,
            refused: method.refused, cancelled: method.cancelled, held: method.held,
            bytesInPerSecond: Double(method.bytesIn) / seconds,
            bytesOutPerSecond: Double(method.bytesOut) / seconds)
    }

    private static func microseconds(_ nanoseconds: UInt64?) -> Double? {
        nanoseconds.map { Double($0) / 1_000 }
    }
}
