import EventLoop
import Mesh

/// What services say of themselves, in the words of Prometheus.
struct ServiceFigures {
    /// Powers of two of nanoseconds, at which our histograms count exactly: 65 µs to 69 s.
    private static let times = stride(from: 16, through: 36, by: 2).map { UInt64(1) << $0 }
    /// For what is counted in other units than time.
    private static let amounts = (0...10).map { UInt64(1) << (2 * $0) }

    private var out = PrometheusText()

    var text: String { out.text }

    init() {
        out.family("atelier_up", .gauge, "1 where the service answered")
        out.family(
            "atelier_http_requests_total", .counter, "Requests answered, by class of status")
        out.family("atelier_http_seconds_total", .counter, "Time spent on requests")
        out.family(
            "atelier_http_request_seconds", .histogram, "Time from a request to its answer's end")
        for (name, help) in [
            ("calls", "Calls of a method, answered"), ("call_faults", "Calls that failed, by code"),
            ("calls_refused", "Calls refused as overload"),
            ("calls_cancelled", "Calls whose caller had gone"),
            ("calls_unknown", "Calls of methods that there are not"),
            ("calls_turned_away", "What was turned away before it was a call"),
            ("call_received_bytes", "Bytes of requests"), ("call_sent_bytes", "Bytes of answers"),
            ("process_cpu_seconds", "Processor time used"),
            ("loop_stalls", "How often a loop was found held up"),
        ] { out.family("atelier_\(name)_total", .counter, help) }
        for (name, help) in [
            ("calls_in_hand", "Calls being answered"),
            ("process_resident_bytes", "Memory in use"),
            ("process_open_fds", "Open descriptors"),
            ("process_max_fds", "Descriptors that there may be"),
            ("process_uptime_seconds", "Since the start"),
            ("mesh_connections", "Peers connected to the service"),
        ] { out.family("atelier_\(name)", .gauge, help) }
        out.family("atelier_call_seconds", .histogram, "From a call's arrival to its answer")
        out.family("atelier_call_queue_seconds", .histogram, "From a call's arrival to its handler")
        out.family("atelier_loop_turn_seconds", .histogram, "Turns of event loops")
    }

    mutating func add(_ http: RequestCounters.Snapshot) {
        for (kind, count) in http.byClass.sorted(by: { $0.key < $1.key }) {
            out.add("atelier_http_requests_total", [("status", "\(kind)xx")], count)
        }
        out.add("atelier_http_seconds_total", [], Double(http.nanoseconds) / 1e9)
        out.add("atelier_http_request_seconds", [], Self.times(http.latency))
    }

    /// nil for a service that did not answer.
    mutating func add(_ service: String, _ stats: ServiceStats?) {
        let name = [("service", service)]
        out.add("atelier_up", name, stats == nil ? 0 : 1)
        guard let stats else { return }
        for method in stats.methods { add(method, of: service) }
        out.add("atelier_calls_unknown_total", name, stats.unknown)
        for (reason, count) in stats.turnedAway.sorted(by: { $0.key < $1.key }) {
            out.add("atelier_calls_turned_away_total", name + [("reason", reason)], count)
        }
        let process = stats.process
        out.add("atelier_process_resident_bytes", name, process.residentBytes)
        out.add(
            "atelier_process_cpu_seconds_total", name,
            Double(process.processorMilliseconds) / 1_000)
        out.add("atelier_process_open_fds", name, process.descriptors)
        out.add("atelier_process_max_fds", name, process.descriptorLimit)
        out.add("atelier_process_uptime_seconds", name, Double(process.uptimeMilliseconds) / 1_000)
        out.add("atelier_mesh_connections", name, process.connections)
        for (number, loop) in stats.loops.enumerated() {
            let labels = name + [("loop", "\(loop.name)-\(number)")]
            out.add("atelier_loop_stalls_total", labels, loop.stalls)
            out.add("atelier_loop_turn_seconds", labels, Self.times(loop.turns))
        }
        for measure in stats.measures { add(measure, of: service) }
    }

    private mutating func add(_ method: ServiceStats.Method, of service: String) {
        let labels = [("service", service), ("method", method.method)]
        out.add("atelier_calls_total", labels, method.calls)
        for (code, count) in method.faultCodes.sorted(by: { $0.key < $1.key }) {
            out.add("atelier_call_faults_total", labels + [("code", code)], count)
        }
        out.add("atelier_calls_refused_total", labels, method.refused)
        out.add("atelier_calls_cancelled_total", labels, method.cancelled)
        out.add("atelier_call_received_bytes_total", labels, method.bytesIn)
        out.add("atelier_call_sent_bytes_total", labels, method.bytesOut)
        out.add("atelier_calls_in_hand", labels, method.inHand)
        out.add("atelier_call_seconds", labels, Self.times(method.latency))
        out.add("atelier_call_queue_seconds", labels, Self.times(method.queue))
    }

    /// A figure of a service's own trade, by its OpenTelemetry name.
    private mutating func add(_ measure: Measure, of service: String) {
        let name = PrometheusText.name(measure.name, unit: measure.unit)
        out.family(name, .histogram, "\(measure.name), as OpenTelemetry has it")
        let labels = measure.attributes.sorted { $0.key < $1.key }
            .map { (PrometheusText.label($0.key), $0.value) }
        let steps = max(measure.stepsPerUnit, 1)
        let bounds = measure.unit == "s" ? Self.times : Self.amounts.map { $0 * UInt64(steps) }
        out.add(
            name, [("service", service)] + labels,
            Self.distribution(measure.histogram, bounds, stepsPerUnit: Double(steps)))
    }

    private static func times(_ histogram: Histogram) -> PrometheusText.Distribution {
        distribution(histogram, times, stepsPerUnit: 1e9)
    }

    private static func distribution(
        _ histogram: Histogram, _ bounds: [UInt64], stepsPerUnit: Double
    ) -> PrometheusText.Distribution {
        PrometheusText.Distribution(
            bounds: bounds.map { (Double($0) / stepsPerUnit, histogram.count(within: $0)) },
            sum: Double(histogram.sum) / stepsPerUnit, count: histogram.count)
    }
}
