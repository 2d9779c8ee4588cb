import Console
import Glibc
import Lifecycle
import MeshContract
import ServiceKit

/// Watches a session to its end, and says what became of it.
struct SessionWatch: Sendable {
    let workplace: Workplace
    let gateway: GatewayClient
    let options: WatchOptions

    /// Until the run has ended, or nobody here would let it go on.
    func follow(_ session: SessionResource, title: String) async throws -> RunTally {
        let words = RunWords(
            maxRounds: session.maxRounds ?? 3, agents: session.agents?.count ?? 2)
        var view = view(words)
        if !options.isQuiet && !options.isJSON {
            Terminal.out("run \(session.id): \(Printable.line(title))")
        }
        Signals.catchAll()
        let signals = Signals.stream()
        return try await withThrowingTaskGroup(of: Void.self) { group in
            group.addTask {
                await heed(signals, session.id)
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
                if case .gateOpened(let gate) = event {
                    view.note(
                        "decide it with: atelier approve \(session.id)  or  "
                            + "atelier reject \(session.id) --feedback TEXT")
                    tally.wait(at: gate.name)
                    return Terminal.isInteractive
                }
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
    private func heed(_ signals: AsyncStream<Int32>, _ id: String) async {
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

    private func view(_ words: RunWords) -> any RunView {
        if options.isJSON { return JSONView(isVerbose: options.isVerbose) }
        if options.isQuiet { return QuietView() }
        guard Terminal.isInteractive else {
            return LineView(words: words, isVerbose: options.isVerbose)
        }
        return TerminalView(words: words, hasColor: workplace.nonEmpty("NO_COLOR") == nil)
    }

    // MARK: At the end

    /// The session when it has completed. Throws what it came to instead.
    func completed(_ id: String, _ tally: RunTally) async throws -> SessionResource {
        let session = try await gateway.get("/sessions/\(id)", as: SessionResource.self)
        let state = session.state ?? tally.end?.state ?? "unknown"
        guard state == "completed", session.document != nil else {
            let reason = session.error ?? tally.end?.reason ?? session.stopReason
            let became = ["failed", "completed"].contains(state) ? state : "is \(state)"
            let gate = session.waitingFor.map { " at the gate \(Printable.line($0))" }
            throw Refusal(
                Self.exitCode(state, tally.end),
                "run \(id) \(became.replacing("_", with: " "))\(gate ?? "")"
                    + (reason.map { $0 == state ? "" : ": \(Printable.text($0))" } ?? "")
                    + "\nwhat was done is kept: atelier show \(id)")
        }
        return session
    }

    private static func exitCode(_ state: String, _ end: RunEnd?) -> ExitCode {
        if let code = end?.code { return ExitCode(Fault(Fault.Code(rawValue: code), "")) }
        return state == "failed" || state == "cancelled" ? .failure : .temporary
    }

    /// Says what it came to, in the form that was asked for.
    func tell(_ summary: WriteSummary) throws {
        if options.isJSON {
            Terminal.out(try Render.json(summary))
        } else if options.isQuiet {
            Terminal.out(summary.file)
        } else {
            for line in summary.lines { Terminal.out(line) }
        }
    }
}
