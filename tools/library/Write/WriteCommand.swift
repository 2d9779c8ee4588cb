import Console
import Glibc
import Lifecycle
import MeshContract
import ServiceKit

/// `run write`: a document goes in, agents refine it in turn, and the result lies beside it.
struct WriteCommand: Sendable {
    let workplace: Workplace

    func run(_ arguments: [String]) async throws -> ExitCode {
        let arguments = try Arguments(
            arguments, values: WriteOptions.values, switches: WriteOptions.switches)
        let options = try WriteOptions(arguments)
        var plan = try workplace.plan(arguments)
        if await !workplace.control.probe.isReady(port: plan.port) {
            if !options.isQuiet { Terminal.error("starting the stack in \(plan.data.path) …") }
            plan.port = try await workplace.control.start(plan).port
        }
        let gateway = GatewayClient(
            http: workplace.http, address: plan.address,
            token: try await Credentials(workplace: workplace, plan: plan).token(as: options.email))
        let request = try await options.request {
            try await gateway.get("/presets", as: PresetList.self).items
        }
        let session = try await gateway.post("/sessions", request, as: SessionResource.self)
        do {
            _ = try await gateway.post("/sessions/\(session.id)/start", as: SessionResource.self)
        } catch {
            // Nobody would start it later. That it cannot be taken back is less than the refusal.
            _ = try? await gateway.post("/runs/\(session.id)/cancel", as: RunResource.self)
            throw error
        }
        let tally = try await watch(session, options, gateway)
        return try await finish(session.id, options, gateway, tally)
    }

    // MARK: While it runs

    private func watch(
        _ session: SessionResource, _ options: WriteOptions, _ gateway: GatewayClient
    ) async throws -> RunTally {
        let words = RunWords(maxRounds: options.rounds, agents: session.agents?.count ?? 2)
        var view = view(words, options)
        if !options.isQuiet && !options.isJSON {
            Terminal.out("run \(session.id): \(Printable.line(options.title))")
        }
        Signals.catchAll()
        let signals = Signals.stream()
        return try await withThrowingTaskGroup(of: Void.self) { group in
            group.addTask {
                await heed(signals, session.id, gateway)
            }
            var tally = RunTally()
            let follower = RunFollower(gateway: gateway, path: "/sessions/\(session.id)/stream")
            var lastNote = ""
            try await follower.follow { reason in
                if reason != lastNote {
                    view.note("the gateway is away (\(reason)); waiting for it")
                }
                lastNote = reason
            } _: { raw in
                lastNote = ""
                let event = RunEvent(raw)
                tally.add(event)
                view.show(event, raw, tally)
                if case .ended(let end) = event, !end.isFinal {
                    // Where nobody watches, nobody would let it go on.
                    return Terminal.isInteractive && end.state == "paused"
                }
                return true
            }
            group.cancelAll()
            return tally
        }
    }

    /// The first signal cancels the run; the second one, and a terminal that is gone, end us at once.
    private func heed(
        _ signals: AsyncStream<Int32>, _ id: String, _ gateway: GatewayClient
    ) async {
        await withTaskGroup(of: Void.self) { group in
            var isFirst = true
            for await number in signals {
                guard isFirst, number != SIGHUP else { _exit(128 + number) }
                isFirst = false
                Terminal.error("\ncancelling \(id); once more to leave at once")
                group.addTask {
                    do {
                        _ = try await gateway.post("/runs/\(id)/cancel", as: RunResource.self)
                    } catch {
                        Terminal.error("the run could not be cancelled: \(error)")
                        _exit(128 + number)
                    }
                }
            }
        }
    }

    private func view(_ words: RunWords, _ options: WriteOptions) -> any RunView {
        if options.isJSON { return JSONView(isVerbose: options.isVerbose) }
        if options.isQuiet { return QuietView() }
        guard Terminal.isInteractive else {
            return LineView(words: words, isVerbose: options.isVerbose)
        }
        return TerminalView(words: words, hasColor: workplace.nonEmpty("NO_COLOR") == nil)
    }

    // MARK: At the end

    private func finish(
        _ id: String, _ options: WriteOptions, _ gateway: GatewayClient, _ tally: RunTally
    ) async throws -> ExitCode {
        let session = try await gateway.get("/sessions/\(id)", as: SessionResource.self)
        let state = session.state ?? tally.end?.state ?? "unknown"
        guard state == "completed", let document = session.document else {
            let reason = session.error ?? tally.end?.reason ?? session.stopReason
            let became = ["failed", "completed"].contains(state) ? state : "is \(state)"
            throw Refusal(
                Self.exitCode(state, tally.end),
                "run \(id) \(became.replacing("_", with: " "))"
                    + (reason.map { $0 == state ? "" : ": \(Printable.text($0))" } ?? "")
                    + "\nwhat was done is kept: atelier show \(id)")
        }
        try options.output.write(document, mode: options.draft.mode)
        let summary = WriteSummary(
            session: session, tally: tally, file: options.output.path,
            wordsBefore: DocumentFile.words(in: options.draft.text),
            wordsAfter: DocumentFile.words(in: document))
        if options.isJSON {
            Terminal.out(try Render.json(summary))
        } else if options.isQuiet {
            Terminal.out(options.output.path)
        } else {
            for line in summary.lines { Terminal.out(line) }
        }
        return .success
    }

    private static func exitCode(_ state: String, _ end: RunEnd?) -> ExitCode {
        if let code = end?.code { return ExitCode(Fault(Fault.Code(rawValue: code), "")) }
        return state == "failed" || state == "cancelled" ? .failure : .temporary
    }
}
