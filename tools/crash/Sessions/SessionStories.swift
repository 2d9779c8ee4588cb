import Durable
import Refinement
import WriteStudio

/// A gate that is turned down, has the writer write again, and is approved.
struct SessionGated: SessionStory {
    let name = "write: gate"
    let steps: [TemplateStep] = [.turn("Writer"), .gate(GatePart(name: "final", prompt: "Good?"))]
    let turns = ["r": 2]
    let ends = ["r": "completed"]

    func drive(_ client: Client) async throws {
        try await client.start(RefineWorkflow.self, input, id: "r")
        try await client.session("r") { gate in
            try await client.decide("r", gate, gate == "final" ? "reject" : "approve")
        }
    }
}

/// A round of a writer, and of two reviewers side by side whose notes are merged.
struct SessionRounds: SessionStory {
    let name = "write: rounds"
    let agents = [
        writer, Agent(name: "Critic", role: .critic, model: "m", instructions: ""),
        Agent(name: "Editor", role: .editor, model: "m", instructions: ""),
    ]
    let steps: [TemplateStep] = [
        .loop(
            LoopPart(
                max: 1, steps: [.turn("Writer"), .parallel(.init(agents: ["Critic", "Editor"]))]))
    ]
    let turns = ["r": 3]
    let ends = ["r": "completed"]

    func drive(_ client: Client) async throws {
        try await client.start(RefineWorkflow.self, input, id: "r")
        try await client.session("r")
    }
}

/// A gate whose time runs out: a timer of the workflow.
struct SessionExpiring: SessionStory {
    let name = "write: timer"
    let steps: [TemplateStep] = [
        .turn("Writer"), .gate(GatePart(name: "final", prompt: "Good?", hours: 0.01)),
    ]
    let turns = ["r": 1]
    let ends = ["r": "completed"]

    func drive(_ client: Client) async throws {
        try await client.start(RefineWorkflow.self, input, id: "r")
        try await client.session("r") { _ in
            client.world.studio.change { $0.ahead = 40_000 }
        }
    }
}

/// Cancelled in the middle of an answer.
struct SessionCancelled: SessionStory {
    let name = "write: cancel"
    let steps: [TemplateStep] = [.turn("Writer")]
    let turns = ["r": 0]
    let ends = ["r": "cancelled"]

    func drive(_ client: Client) async throws {
        client.world.studio.change { $0.isSlow = true }
        try await client.start(RefineWorkflow.self, input, id: "r")
        try await client.until {
            if !client.world.studio.now.answers.isEmpty { try await client.cancel("r") }
            return try await client.status("r")?.state.isFinal ?? false
        }
    }
}

struct SessionCancelledAtGate: SessionStory {
    let name = "write: cancel at a gate"
    let steps: [TemplateStep] = [.turn("Writer"), .gate(GatePart(name: "final", prompt: "Good?"))]
    let turns = ["r": 1]
    let ends = ["r": "cancelled"]

    func drive(_ client: Client) async throws {
        try await client.start(RefineWorkflow.self, input, id: "r")
        try await client.session("r") { gate in
            try await client.cancel("r")
            try await client.decide("r", gate, "approve")
        }
    }
}

/// Forked between a question and its answer, while it waits at its gate.
struct SessionForked: SessionStory {
    let name = "write: fork"
    let steps: [TemplateStep] = [.turn("Writer"), .gate(GatePart(name: "final", prompt: "Good?"))]
    let turns = ["r": 1, "f": 1]
    let ends = ["r": "completed", "f": "completed"]

    func drive(_ client: Client) async throws {
        try await client.start(RefineWorkflow.self, input, id: "r")
        try await client.until {
            if try await client.waits("r", at: "final") { return true }
            let state = try await client.status("r")?.state
            if state == .failed { try await client.retry("r") }
            return state == .completed
        }
        let answer = try await client.engine.outcomes("r").map(\.path).last {
            $0.hasSuffix(".answer")
        }
        if let answer { try await client.fork("r", at: answer, as: "f") }
        for run in ["r", "f"] {
            try await client.session(run) { try await client.decide(run, $0, "approve") }
        }
    }
}

/// Fails for good, is mended, and is retried.
struct SessionRetried: SessionStory {
    let name = "write: retry"
    let agents = [
        writer, Agent(name: "Critic", role: .critic, model: "broken", instructions: ""),
    ]
    let steps: [TemplateStep] = [.turn("Writer"), .turn("Critic")]
    let turns = ["r": 2]
    let ends = ["r": "completed"]

    func drive(_ client: Client) async throws {
        try await client.start(RefineWorkflow.self, input, id: "r")
        try await client.session("r")
    }
}
