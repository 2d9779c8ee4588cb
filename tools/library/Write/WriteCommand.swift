import Console
import MeshContract
import ServiceKit

/// `write`: a document goes in, agents refine it in turn, and the result lies beside it.
struct WriteCommand: Sendable {
    let workplace: Workplace

    func run(_ arguments: [String]) async throws -> ExitCode {
        let arguments = try Arguments(
            arguments, values: WriteOptions.values, switches: WriteOptions.switches)
        let options = try WriteOptions(arguments)
        var plan = try workplace.plan(arguments)
        if await !workplace.control(of: plan).probe.isReady(port: plan.port, in: plan.data.path) {
            if !options.watch.isQuiet {
                Terminal.error("starting the stack in \(plan.data.path) …")
            }
            plan.port = try await workplace.control(of: plan).start(plan).port
        }
        let gateway = GatewayClient(
            http: workplace.client(of: plan), address: plan.address,
            token: try await Credentials(workplace: workplace, plan: plan).token(as: options.email))
        let request = try await options.request {
            try await gateway.get("/presets", as: Items<PresetResource>.self).items
        }
        let session = try await gateway.post("/sessions", request, as: SessionResource.self)
        do {
            _ = try await gateway.post("/sessions/\(session.id)/start", as: SessionResource.self)
        } catch {
            // Nobody would start it later. That it cannot be taken back is less than the refusal.
            _ = try? await gateway.post("/runs/\(session.id)/cancel", as: RunResource.self)
            throw error
        }
        let watch = SessionWatch(workplace: workplace, gateway: gateway, options: options.watch)
        let tally = try await watch.follow(session, title: options.title)
        let ended = try await watch.completed(session.id, tally)
        let document = ended.document ?? ""
        try options.output.write(document, mode: options.draft.mode)
        try watch.tell(
            WriteSummary(
                session: ended, tally: tally, file: options.output.path,
                wordsBefore: DocumentFile.words(in: options.draft.text),
                wordsAfter: DocumentFile.words(in: document)))
        return .success
    }
}
