import Contracts
import HTTP
import Mesh
import MeshContract
import REST
import Wire

/// `/runs`: what every studio's work has in common.
struct RunEndpoints: Sendable {
    let mesh: MeshClient
    let access: RunAccess
    let feeds: RunFeeds
    let credentials: Credentials
    /// Of streams, which outlive the request that began them.
    let watches: CredentialWatches
    /// How long a watcher may take for what is written at once.
    let slowest: Duration

    var all: [Endpoint] {
        [
            .get("/runs", "Lists the user's runs and their workspaces', newest first") {
                try await Self.page(
                    mesh, access.workspaces, $0, studio: $0.request.queryValue("studio"))
            }.paged().takes(
                Self.stateParameter, .text("studio", "Such as `write`"), Self.workspaceParameter,
                Self.projectParameter
            ).fails(404),
            .get("/runs/{id}", "Shows where a run stands") {
                RunView(try await mesh.call(request(Orchestrator.GetRun.init, $0)))
            },
            Endpoint(
                "GET", "/runs/{id}/events", "Lists a run's events (?after=, ?limit=)",
                replyFields: Field.tree(Page<EventView>.self), handler: events
            ).paged(1...1_000).takes(.number("after", Self.numbers, "The last number seen")),
            Endpoint(
                "GET", "/runs/{id}/stream", "Streams a run (server-sent events, Last-Event-ID)",
                handler: stream
            ).answers(200, "text/event-stream").also(204, "It has ended, and all was seen")
                .takes(Self.lastEvent, Self.lastNumber),
            Endpoint(
                "GET", "/sessions/{id}/stream", "Streams a session, as /runs/{id}/stream does",
                handler: stream
            ).answers(200, "text/event-stream").also(204, "It has ended, and all was seen")
                .takes(Self.lastEvent, Self.lastNumber),
            .act("/runs/{id}/pause", "Pauses a run at its next step") {
                RunView(try await mesh.call(request(Orchestrator.PauseRun.init, $0)))
            },
            .act("/runs/{id}/resume", "Lets a paused run go on") {
                RunView(try await mesh.call(request(Orchestrator.ResumeRun.init, $0)))
            },
            .act("/runs/{id}/cancel", "Ends a run") {
                RunView(try await mesh.call(request(Orchestrator.CancelRun.init, $0)))
            },
        ]
    }

    /// An event as the list has it; its data is the event's own.
    struct EventView: Codable, Sendable {
        var seq: Int64
        var type: String
        var at: String
        var step: String?
        var data: WireValue
    }

    /// As far as JSON's numbers are exact.
    private static let numbers = 0...(1 << 53)
    private static let lastEvent = Parameter.header("Last-Event-ID", "The last number seen")
    private static let lastNumber = Parameter.number(
        "after", numbers, "The same for who cannot send the header")
    static let stateParameter = Parameter.choice("state", states, "Only those in this state")

    static let workspaceParameter = Parameter.text(
        "workspace_id", "Only this workspace's")
    static let projectParameter = Parameter.text("project_id", "Only this project's")

    static let states = [
        "queued", "running", "waiting", "paused", "completed", "failed", "cancelled",
        "needs_attention",
    ]

    static func page(
        _ mesh: MeshClient, _ workspaces: WorkspaceStore, _ incoming: Incoming, studio: String?
    ) async throws -> Page<RunView> {
        let state = try state(incoming)
        let own = try await workspaces.list(of: incoming.identity.user).map(\.workspace.id)
        let workspace = incoming.request.queryValue("workspace_id")
        if let workspace, !own.contains(workspace) {
            throw Fault(.notFound, "no such workspace")
        }
        let page = try await mesh.call(
            Orchestrator.ListRuns(
                user: incoming.identity.user, studio: studio, state: state,
                cursor: incoming.request.queryValue("cursor"),
                limit: try incoming.number("limit", default: 50, in: 1...200),
                workspaces: own, workspace: workspace,
                project: incoming.request.queryValue("project_id")))
        return Page(items: page.runs.map(RunView.init), nextCursor: page.next)
    }

    /// The state that a list is asked for; nil for all. Throws `invalid`.
    static func state(_ incoming: Incoming) throws(Fault) -> String? {
        let state = incoming.request.queryValue("state")
        if let state, !states.contains(state) {
            throw Fault(.invalid, "?state= takes one of \(states.joined(separator: ", "))")
        }
        return state
    }

    private func request<M>(_ make: (String, String) -> M, _ incoming: Incoming) -> M {
        make(incoming.identity.user, incoming.parameter("id"))
    }

    @Sendable private func events(_ incoming: Incoming) async throws -> Answer {
        // A page's `next_cursor` is the number to go on after.
        let name = incoming.request.queryValue("cursor") == nil ? "after" : "cursor"
        let limit = try incoming.number("limit", default: 200, in: 1...1_000)
        let page = try await mesh.call(
            Orchestrator.ListEvents(
                user: incoming.identity.user, run: incoming.parameter("id"),
                after: Int64(try incoming.number(name, default: 0, in: Self.numbers)),
                limit: limit))
        // The events' data is JSON already: spliced in, not decoded and encoded again.
        let items = page.events.map(EventJSON.object).joined(separator: ",")
        let isFull = page.events.count >= limit
        let next = page.events.last.flatMap { isFull ? "\"\($0.seq)\"" : nil } ?? "null"
        return .bytes(
            200, headers: [("Content-Type", "application/json")],
            Array("{\"items\":[\(items)],\"next_cursor\":\(next)}".utf8))
    }

    @Sendable private nonisolated(nonsending) func stream(
        _ incoming: Incoming
    ) async throws -> Answer {
        let (user, id) = (incoming.identity.user, incoming.parameter("id"))
        let run = try await mesh.call(Orchestrator.GetRun(user: user, id: id))
        let last = incoming.request.headers["last-event-id"] ?? incoming.request.queryValue("after")
        guard let after = Int64(last ?? "0"), after >= 0 else {
            throw Fault(.invalid, "Last-Event-ID is a number from this stream")
        }
        // An EventSource stops at 204. Who has seen nothing yet is told of the end first.
        let isOver = ["completed", "failed", "cancelled"].contains(run.state)
        if isOver, last != nil, after >= run.lastSeq { return .empty(204) }
        // A number that was never given would hide the events up to it.
        let watch = RunWatch(
            mesh: mesh, feeds: feeds, user: user, run: id, after: min(after, run.lastSeq))
        let stream = EventStream(watch, slowest: slowest)
        let own = watches.enter(try credentials.token(of: incoming.request)) { [weak stream] in
            stream?.stop()
        }
        let shared = try await access.pass(
            to: id, for: incoming.identity.person, as: user
        ) { [weak stream] in stream?.stop() }
        stream.hold(own, shared)
        return .watched(
            headers: [
                ("Content-Type", "text/event-stream; charset=utf-8"), ("X-Accel-Buffering", "no"),
            ], stream)
    }
}
