import Contracts
import Log
import Mesh
import MeshContract
import Refinement
import WriteStudio

/// Providers, billing and storage as one process of the orchestrator reaches them: each call of it is
/// a point at which the caller dies, the callee dies before or after its commit, or the reply is lost.
struct Neighbours: Sendable {
    static let text = "A better text."

    let desk: Desk

    private var world: World { desk.world }
    private var studio: Studio { desk.world.studio }

    /// A client whose calls end here.
    var mesh: MeshClient {
        let loopback = Loopback()
        let log = Log("crash", level: .error, sink: { _ in })
        loopback.add(
            MeshServer(
                Routes(partOf: Providers.contract, generate, read, cancel, model), log: log))
        loopback.add(MeshServer(Routes(partOf: Billing.contract, hold, capture, release), log: log))
        loopback.add(MeshServer(Routes(partOf: Storage.contract, put), log: log))
        return MeshClient(loopback, as: "orchestrator")
    }

    private func gone() -> Fault { Fault(.unavailable, "it went away during the call") }

    /// One call. `path` is the step that it is made for, which must not have its result already.
    private func serve<Reply: Sendable>(
        _ what: String, for path: String? = nil, of run: String,
        _ effect: @Sendable () throws -> Reply
    ) async throws -> Reply {
        let fate = desk.fate
        // A process that died while this was on its way asks for nothing.
        guard !fate.isDead else { throw gone() }
        if let path { try await desk.checkNotDone(path, of: run, as: what) }
        switch fate.ask("\(what) asked") {
        case nil:
            guard !fate.isDead else { throw gone() }
            let reply = try effect()
            fate.reach("\(what) answered")
            guard !fate.isDead else { throw gone() }
            return reply
        case .dies:
            fate.die()
        case .diesAsked:
            fate.die()
            _ = try effect()
        case .calleeDies:
            studio.loseAnswers()
        case .replyLost:
            _ = try effect()
            studio.loseAnswers()
        }
        throw gone()
    }

    /// The run that a life, or a key, belongs to.
    static func run(of key: String) -> String {
        String(key.prefix { $0 != "/" && $0 != "~" })
    }

    static func path(of key: String) -> String {
        String(key.drop { $0 != "/" }.dropFirst())
    }

    // MARK: Providers

    @Sendable private func model(
        _ request: Providers.FindModel, _ call: Call
    ) async throws -> Providers.ModelCard {
        try await serve("model", of: "") {
            Providers.ModelCard(
                provider: "fake", model: "fake-1", isDefault: true, isOffline: false,
                inputPrice: nil, outputPrice: nil, contextTokens: nil)
        }
    }

    @Sendable private func generate(
        _ request: Providers.Generate, _ call: Call
    ) async throws -> Providers.StreamInfo {
        let key = request.key
        return try await serve("generate \(key)", for: Books.answerPath(of: key), of: request.run) {
            if request.model == "broken", world.isBroken {
                throw Fault(.upstream, "the provider is broken")
            }
            let attempt = studio.change { state in
                var answer = state.answers[key] ?? Studio.Answer()
                if answer.isLost || answer.isCancelled {
                    answer = Studio.Answer(attempt: answer.attempt + 1)
                }
                state.answers[key] = answer
                return answer.attempt
            }
            return Providers.StreamInfo(
                key: key, attempt: attempt, provider: "fake", model: "fake-1", isOffline: false)
        }
    }

    @Sendable private func read(
        _ request: Providers.ReadStream, _ call: Call
    ) async throws -> Providers.StreamPiece {
        let key = request.key
        return try await serve(
            "read \(key) \(request.offset > 0)", for: Books.answerPath(of: key),
            of: Self.run(of: key)
        ) {
            try studio.change { state in
                guard var answer = state.answers[key] else {
                    throw Fault(.notFound, "there is no answer under this key")
                }
                guard answer.attempt == request.attempt, !answer.isLost else {
                    throw Fault(.conflict, "this is not the answer's current attempt")
                }
                if answer.isCancelled { throw Fault(.init(rawValue: "cancelled"), "cancelled") }
                let bytes = Array(Self.text.utf8)
                let isHalf = request.offset == 0
                if !isHalf, state.isSlow {
                    return Providers.StreamPiece(
                        text: "", nextOffset: request.offset, leftProviderAt: 0, completion: nil)
                }
                let piece = isHalf ? bytes[..<4] : bytes[min(request.offset, bytes.count)...]
                answer.isWhole = answer.isWhole || !isHalf
                state.answers[key] = answer
                return Providers.StreamPiece(
                    text: String(decoding: piece, as: UTF8.self),
                    nextOffset: request.offset + piece.count, leftProviderAt: 1,
                    completion: isHalf ? nil : Self.completion)
            }
        }
    }

    private static let completion = Providers.Completion(
        stopReason: "end",
        usage: Providers.Usage(
            inputTokens: 10, outputTokens: 20, cachedTokens: 0, isEstimated: false,
            costMicroUSD: nil))

    @Sendable private func cancel(
        _ request: Providers.CancelStream, _ call: Call
    ) async throws -> Done {
        try await serve("stop \(request.key)", of: Self.run(of: request.key)) {
            studio.change { $0.answers[request.key]?.isCancelled = true }
            return Done()
        }
    }

    // MARK: Billing

    private func state(_ run: String) -> Billing.HoldState {
        let hold = studio.now.holds[run] ?? Studio.Hold()
        return Billing.HoldState(
            run: run, captured: hold.captured, remaining: 0, shortfall: 0, isOpen: hold.isOpen)
    }

    @Sendable private func hold(
        _ request: Billing.Hold, _ call: Call
    ) async throws -> Billing.HoldState {
        try await serve("hold \(request.run)", for: "0.hold", of: Self.run(of: request.run)) {
            studio.change { $0.holds[request.run] = $0.holds[request.run] ?? Studio.Hold() }
            return state(request.run)
        }
    }

    @Sendable private func capture(
        _ request: Billing.Capture, _ call: Call
    ) async throws -> Billing.HoldState {
        let (key, run) = (request.key, Self.run(of: request.run))
        return try await serve("capture \(key)", for: Books.answerPath(of: key), of: run) {
            try studio.change { state in
                guard state.holds[request.run] != nil else {
                    throw Fault(.notFound, "the run has no hold")
                }
                let isOther = !key.hasPrefix(request.run + "/")
                guard !isOther else { throw Fault(.conflict, "the key charged another run") }
                if !world.has(key) { state.holds[request.run]?.captured += request.amount }
            }
            world.apply(key, step: key, request.amount)
            return state(request.run)
        }
    }

    @Sendable private func release(
        _ request: Billing.Release, _ call: Call
    ) async throws -> Billing.HoldState {
        try await serve("release \(request.run)", of: Self.run(of: request.run)) {
            try studio.change { state in
                guard state.holds[request.run] != nil else {
                    throw Fault(.notFound, "the run has no hold")
                }
                state.holds[request.run]?.isOpen = false
            }
            return state(request.run)
        }
    }

    // MARK: Storage

    @Sendable private func put(
        _ request: Storage.PutDocument, _ call: Call
    ) async throws -> Storage.Artifact {
        let (key, run) = (request.key, request.run ?? "")
        return try await serve("put \(key)", for: Self.path(of: key), of: run) {
            let text = String(decoding: request.content, as: UTF8.self)
            studio.change { $0.documents[key] = $0.documents[key] ?? (run, text) }
            return Storage.Artifact(
                id: "art_\(key)", owner: request.owner, run: request.run, name: request.name,
                contentType: request.contentType, bytes: request.content.count, sha256: "5ha",
                version: 1, createdAt: 1_767_225_600_000)
        }
    }
}

/// Where a person's acts on a session lie. Nobody edits here.
struct EmptyDesk: WriteStudio.Desk {
    let studio: Studio

    func acts(on run: String, after number: Int64) async throws -> [PersonAct] { [] }

    func close(_ run: String, after number: Int64) async throws -> [PersonAct] {
        studio.change { _ = $0.closed.insert(run) }
        return []
    }
}
