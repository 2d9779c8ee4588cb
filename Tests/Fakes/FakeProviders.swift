public import Contracts
public import Database
public import Mesh
public import MeshContract
public import ServiceKit
import Synchronization

/// A provider service that answers from a script, piece by piece, as fast as a test lets it.
public final class FakeProviders: ServiceNode {
    public typealias Service = Providers
    public static let migrations: [Migration] = []
    public static let commands = Commands(Providers.contract)

    /// What one answer is to be.
    public struct Script: Sendable {
        public var pieces: [String]
        public var costMicroUSD: Int64?
        public var isOffline = false
        /// Thrown in place of the end.
        public var failure: Fault?
        public var stopReason = "end"

        public init(
            _ pieces: [String], costMicroUSD: Int64? = nil, isOffline: Bool = false,
            failure: Fault? = nil, stopReason: String = "end"
        ) {
            (self.pieces, self.costMicroUSD) = (pieces, costMicroUSD)
            (self.isOffline, self.failure, self.stopReason) = (isOffline, failure, stopReason)
        }
    }

    /// One call of `generate` that began an attempt.
    public struct Asked: Sendable {
        public var request: Providers.Generate
        public var attempt: Int
    }

    private struct Stream {
        var script: Script
        var attempt: Int
        var isLost = false
        var isCancelled = false
    }

    private struct State {
        var script: @Sendable (Providers.Generate, Int) -> Script = { _, _ in Script(["text"]) }
        var streams: [String: Stream] = [:]
        var asked: [Asked] = []
        var cancelled: [String] = []
        var reads = 0
        /// How many pieces of an answer may be read; nil for all.
        var released: Int?
        var outage: Fault?
        var readOutage: Fault?
        var context: Int?
        var health = Providers.HealthReport(isHealthy: true, problems: [], targets: [])
    }

    private let state = Mutex(State())
    /// Users' own keys, by user and provider.
    let keys = Mutex<[String: [String: String]]>([:])
    let mailbox = Mutex(Mailbox())

    public init(_ kit: NodeKit) async throws {}

    public var routes: Routes {
        Routes(
            partOf: Providers.contract, generate, read, cancel, models, model, usage, putKey,
            listKeys, deleteKey, forgetBudgets, health, sendMail, listMails)
    }

    // MARK: For the test

    /// What is answered to a request; the number counts its attempts from 1.
    public func answer(_ script: @escaping @Sendable (Providers.Generate, Int) -> Script) {
        state.withLock { $0.script = script }
    }

    /// Lets readers have so many pieces of each answer; nil for all of them and the end.
    public func release(_ pieces: Int?) { state.withLock { $0.released = pieces } }

    /// Forgets the answers in progress, as a restart does.
    public func restart() {
        state.withLock { state in
            for key in state.streams.keys { state.streams[key]?.isLost = true }
        }
    }

    /// Fails every call with this; nil ends it.
    public func fail(_ fault: Fault?) { state.withLock { $0.outage = fault } }

    /// Fails every read with this; nil ends it.
    public func failReads(_ fault: Fault?) { state.withLock { $0.readOutage = fault } }

    /// How many tokens every model reads; nil for unknown.
    public func limit(context: Int?) { state.withLock { $0.context = context } }

    /// How it says that its models fare.
    public func fare(_ report: Providers.HealthReport) { state.withLock { $0.health = report } }

    public var asked: [Asked] { state.withLock { $0.asked } }
    public var cancelled: [String] { state.withLock { $0.cancelled } }
    public var reads: Int { state.withLock { $0.reads } }

    // MARK: Handlers

    @Sendable private func health(
        _ request: Providers.Health, _ call: Call
    ) async throws -> Providers.HealthReport {
        try state.withLock { state in
            if let outage = state.outage { throw outage }
            return state.health
        }
    }

    @Sendable private func generate(
        _ request: Providers.Generate, _ call: Call
    ) async throws -> Providers.StreamInfo {
        try state.withLock { state in
            if let outage = state.outage { throw outage }
            let known = state.streams[request.key]
            if let known, !known.isLost, !known.isCancelled {
                return info(request.key, known)
            }
            let attempt = (known?.attempt ?? 0) + 1
            let stream = Stream(script: state.script(request, attempt), attempt: attempt)
            state.streams[request.key] = stream
            state.asked.append(Asked(request: request, attempt: attempt))
            return info(request.key, stream)
        }
    }

    private func info(_ key: String, _ stream: Stream) -> Providers.StreamInfo {
        Providers.StreamInfo(
            key: key, attempt: stream.attempt, provider: "fake", model: "fake-1",
            isOffline: stream.script.isOffline)
    }

    @Sendable private func read(
        _ request: Providers.ReadStream, _ call: Call
    ) async throws -> Providers.StreamPiece {
        let end = ContinuousClock.now + .milliseconds(min(request.waitMilliseconds, 2_000))
        state.withLock { $0.reads += 1 }
        while true {
            if let piece = try look(request) { return piece }
            guard ContinuousClock.now < end else {
                return Providers.StreamPiece(
                    text: "", nextOffset: request.offset, leftProviderAt: 0, completion: nil)
            }
            try await Task.sleep(for: .milliseconds(1))
        }
    }

    /// nil while there is nothing to read.
    private func look(_ request: Providers.ReadStream) throws -> Providers.StreamPiece? {
        try state.withLock { state in
            if let outage = state.outage ?? state.readOutage { throw outage }
            guard let stream = state.streams[request.key] else {
                throw Fault(.notFound, "there is no answer under this key")
            }
            guard stream.attempt == request.attempt, !stream.isLost else {
                throw Fault(.conflict, "this is not the answer's current attempt")
            }
            if stream.isCancelled { throw Fault(.init(rawValue: "cancelled"), "cancelled") }
            let (pieces, released) = (stream.script.pieces, state.released ?? .max)
            let text = pieces.prefix(released).joined()
            let isAll = released > pieces.count
            let rest = String(decoding: text.utf8.dropFirst(request.offset), as: UTF8.self)
            if isAll, rest.isEmpty, let failure = stream.script.failure { throw failure }
            guard !rest.isEmpty || isAll else { return nil }
            return Providers.StreamPiece(
                text: rest, nextOffset: text.utf8.count, leftProviderAt: 1,
                completion: isAll && stream.script.failure == nil
                    ? completion(of: stream.script) : nil)
        }
    }

    private func completion(of script: Script) -> Providers.Completion {
        Providers.Completion(
            stopReason: script.stopReason,
            usage: Providers.Usage(
                inputTokens: 10, outputTokens: 20, cachedTokens: 0, isEstimated: false,
                costMicroUSD: script.costMicroUSD))
    }

    @Sendable private func cancel(
        _ request: Providers.CancelStream, _ call: Call
    ) async throws -> Done {
        try state.withLock { state in
            if let outage = state.outage { throw outage }
            guard let stream = state.streams[request.key] else {
                throw Fault(.notFound, "there is no answer under this key")
            }
            state.cancelled.append(request.key)
            // What has ended stays as it ended.
            guard !isWhole(stream, state) else { return }
            state.streams[request.key]?.isCancelled = true
        }
        return Done()
    }

    private func isWhole(_ stream: Stream, _ state: State) -> Bool {
        state.released ?? .max > stream.script.pieces.count && !stream.isLost
    }

    @Sendable private func models(
        _ request: Providers.ListModels, _ call: Call
    ) async throws -> Providers.Catalogue { Providers.Catalogue(models: []) }

    @Sendable private func model(
        _ request: Providers.FindModel, _ call: Call
    ) async throws -> Providers.ModelCard {
        let context = try state.withLock { state in
            if let outage = state.outage { throw outage }
            return state.context
        }
        return Providers.ModelCard(
            provider: request.provider ?? "fake", model: request.model ?? "fake-1",
            isDefault: true, isOffline: false, inputPrice: nil, outputPrice: nil,
            contextTokens: context)
    }

    @Sendable private func usage(
        _ request: Providers.ReadUsage, _ call: Call
    ) async throws -> Providers.UsageLog { Providers.UsageLog(entries: []) }
}
