public import EventLoop

/// How a service fares since its start. All counts only grow, so that two readings tell what
/// happened between them: see `since(_:)`.
public struct ServiceStats: Codable, Sendable, Equatable {
    /// Calls being answered now.
    public var inHand: Int
    /// Calls that were answered with `overloaded`.
    public var refused: Int
    /// Those that were called, in the order of their names.
    public var methods: [Method] = []
    /// Calls of methods that there are not.
    public var unknown = 0
    public var process = ProcessFigures()
    public var loops: [LoopFigures] = []
    /// What was turned away before it was a call, by reason; only reasons there were.
    public var turnedAway: [String: Int] = [:]
    /// The figures of its own trade.
    public var measures: [Measure] = []

    public init(inHand: Int, refused: Int) { (self.inHand, self.refused) = (inHand, refused) }

    /// What one method has done since the start.
    public struct Method: Codable, Sendable, Equatable {
        public var method: String
        public var calls = 0
        public var faults = 0
        /// The faults by their codes.
        public var faultCodes: [String: Int] = [:]
        /// Mean time to answer, in microseconds; waiting for news included.
        public var meanMicroseconds = 0
        /// Calls being answered now, and how long the oldest has been.
        public var inHand = 0
        public var oldestMilliseconds = 0
        /// Calls that were answered with `overloaded`.
        public var refused = 0
        /// Calls whose caller had gone, or whose time was over, when they were done.
        public var cancelled = 0
        /// How often one of its calls held a loop up.
        public var held = 0
        public var bytesIn = 0
        public var bytesOut = 0
        /// From the arrival of a call until its answer.
        public var latency = Histogram()
        /// From the arrival of a call until its handler began.
        public var queue = Histogram()

        public init(_ method: String) { self.method = method }
    }
}

/// What the system says of a process.
public struct ProcessFigures: Codable, Sendable, Equatable {
    public var process = 0
    public var uptimeMilliseconds = 0
    public var residentBytes = 0
    public var processorMilliseconds = 0
    /// Open ones, and the most that there may be.
    public var descriptors = 0
    public var descriptorLimit = 0
    /// Peers that are connected to the service.
    public var connections = 0

    public init() {}
}

// MARK: Older services say less

extension ServiceStats {
    public init(from decoder: any Decoder) throws {
        let values = try decoder.container(keyedBy: CodingKeys.self)
        inHand = try values.decode(Int.self, forKey: .inHand)
        refused = try values.decode(Int.self, forKey: .refused)
        methods = try values.decode([Method].self, forKey: .methods)
        unknown = try values.decodeIfPresent(Int.self, forKey: .unknown) ?? 0
        process = try values.decodeIfPresent(ProcessFigures.self, forKey: .process) ?? process
        loops = try values.decodeIfPresent([LoopFigures].self, forKey: .loops) ?? []
        turnedAway = try values.decodeIfPresent([String: Int].self, forKey: .turnedAway) ?? [:]
        measures = try values.decodeIfPresent([Measure].self, forKey: .measures) ?? []
    }
}

extension ServiceStats.Method {
    public init(from decoder: any Decoder) throws {
        let values = try decoder.container(keyedBy: CodingKeys.self)
        func number(_ key: CodingKeys) throws -> Int {
            try values.decodeIfPresent(Int.self, forKey: key) ?? 0
        }
        method = try values.decode(String.self, forKey: .method)
        calls = try values.decode(Int.self, forKey: .calls)
        faults = try values.decode(Int.self, forKey: .faults)
        faultCodes = try values.decodeIfPresent([String: Int].self, forKey: .faultCodes) ?? [:]
        (meanMicroseconds, inHand) = (try number(.meanMicroseconds), try number(.inHand))
        (oldestMilliseconds, refused) = (try number(.oldestMilliseconds), try number(.refused))
        (cancelled, held) = (try number(.cancelled), try number(.held))
        (bytesIn, bytesOut) = (try number(.bytesIn), try number(.bytesOut))
        latency = try values.decodeIfPresent(Histogram.self, forKey: .latency) ?? Histogram()
        queue = try values.decodeIfPresent(Histogram.self, forKey: .queue) ?? Histogram()
    }
}

// MARK: A window

extension ServiceStats {
    /// What happened after `earlier`, an older reading of the same service: counts are those of the
    /// time between, what is in hand is as it is. After a restart, everything since then.
    public func since(_ earlier: ServiceStats) -> ServiceStats {
        guard earlier.process.process == process.process,
            earlier.process.uptimeMilliseconds <= process.uptimeMilliseconds
        else { return self }
        var window = self
        window.refused = max(refused - earlier.refused, 0)
        window.unknown = max(unknown - earlier.unknown, 0)
        window.turnedAway = turnedAway.merging(earlier.turnedAway) { max($0 - $1, 0) }
            .filter { $0.value > 0 && turnedAway[$0.key] != nil }
        window.process.uptimeMilliseconds -= earlier.process.uptimeMilliseconds
        window.process.processorMilliseconds = max(
            process.processorMilliseconds - earlier.process.processorMilliseconds, 0)
        for index in window.measures.indices {
            let measure = measures[index]
            let before = earlier.measures.first {
                ($0.name, $0.attributes) == (measure.name, measure.attributes)
            }
            guard let before else { continue }
            window.measures[index].histogram = measure.histogram.since(before.histogram)
        }
        let known = Dictionary(
            earlier.methods.map { ($0.method, $0) }, uniquingKeysWith: { first, _ in first })
        window.methods = methods.map { method in
            known[method.method].map { method.since($0) } ?? method
        }
        for index in window.loops.indices where index < earlier.loops.count {
            window.loops[index].turns = loops[index].turns.since(earlier.loops[index].turns)
            window.loops[index].stalls = max(
                loops[index].stalls - earlier.loops[index].stalls, 0)
        }
        return window
    }
}

extension ServiceStats.Method {
    fileprivate func since(_ earlier: ServiceStats.Method) -> ServiceStats.Method {
        var window = self
        func rest(_ path: KeyPath<ServiceStats.Method, Int>) -> Int {
            max(self[keyPath: path] - earlier[keyPath: path], 0)
        }
        (window.calls, window.faults) = (rest(\.calls), rest(\.faults))
        (window.refused, window.cancelled) = (rest(\.refused), rest(\.cancelled))
        (window.bytesIn, window.bytesOut) = (rest(\.bytesIn), rest(\.bytesOut))
        window.held = rest(\.held)
        window.faultCodes = faultCodes.merging(earlier.faultCodes) { max($0 - $1, 0) }
            .filter { $0.value > 0 && faultCodes[$0.key] != nil }
        window.latency = latency.since(earlier.latency)
        window.queue = queue.since(earlier.queue)
        window.meanMicroseconds = Int(window.latency.mean / 1_000)
        return window
    }
}
