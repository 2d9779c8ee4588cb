import Contracts
import Fakes
import Mesh
import MeshContract
import Testing
import Testkit

@testable import OrchestratorService

@Suite("Following a run", .timeLimit(.minutes(1)))
struct FollowTests {
    private func follow(
        _ rig: Rig, _ id: String, after: Int64 = 0, marks: [Orchestrator.TextMark] = [],
        wait: Int = 30_000
    ) async throws -> Orchestrator.News {
        try await rig.gateway.call(
            Orchestrator.Follow(
                user: Rig.user, run: id, after: after, marks: marks, waitMilliseconds: wait))
    }

    @Test("a run that has ended is told at once, whatever was seen of it")
    func ended() async throws {
        let rig = try await Rig()
        let id = try await rig.make(start: true).run.id
        let last = try await rig.until(id, "completed").lastSeq
        let clock = ContinuousClock()
        let time = try await clock.measure {
            let all = try await follow(rig, id)
            #expect(all.events.map(\.seq) == (1...last).map { $0 })
            #expect(all.isEnded)
            #expect(all.texts.isEmpty == false, "who saw none of it gets the text with its events")
            let rest = try await follow(rig, id, after: last - 1)
            #expect(rest.events.map(\.type) == ["run.completed"])
            #expect(rest.isEnded)
            #expect(rest.texts.isEmpty)
            let nothing = try await follow(rig, id, after: last)
            #expect(nothing.events.isEmpty)
            #expect(nothing.isEnded)
            #expect(nothing.state == "completed")
            #expect(try await follow(rig, id, after: last + 10).isEnded)
        }
        #expect(time < .seconds(15), "none of the five waited")
    }

    @Test("without news the answer comes when the wait is over, and says so")
    func quiet() async throws {
        let rig = try await Rig()
        let id = try await rig.make().run.id
        let clock = ContinuousClock()
        let time = try await clock.measure {
            let news = try await follow(rig, id, wait: 60)
            #expect(news.events.isEmpty && news.texts.isEmpty && !news.isEnded)
            #expect(news.state == "queued")
        }
        #expect(time >= .milliseconds(60))
        _ = try await follow(rig, id, wait: -5)
    }

    @Test("a watcher who waits hears of the end when it comes")
    func wakes() async throws {
        let rig = try await Rig()
        rig.providers.release(0)
        let id = try await rig.make(start: true).run.id
        #expect(try await soon { try await rig.events(id).count >= 3 })
        let seen = try await rig.run(id).lastSeq
        let marks = try await follow(rig, id, after: seen, wait: 0).texts.map {
            Orchestrator.TextMark(step: $0.step, attempt: $0.attempt, offset: 0)
        }
        async let news = follow(rig, id, after: seen, marks: marks)
        try await Task.sleep(for: .milliseconds(20))
        _ = try await rig.gateway.call(Orchestrator.CancelRun(user: Rig.user, id: id))
        let told = try await news
        #expect(told.events.map(\.type).contains("run.cancelled") || !told.isEnded)
        #expect(try await soon { try await follow(rig, id, after: seen).isEnded })
    }

    @Test("who follows from the start gets every event in order, and every text whole")
    func whole() async throws {
        let rig = try await Rig()
        let texts = ["Writer": "Grüße, 漢字 und 🎈 mehr.", "Critic": "Score: 8/10 🎈"]
        rig.providers.answer { request, _ in
            .init((texts[request.agent] ?? "").map { String($0) })
        }
        rig.providers.release(0)
        let id = try await rig.make(rounds: 2, start: true).run.id
        let pacer = Task {
            for count in 1...40 {
                rig.providers.release(count)
                try await Task.sleep(for: .milliseconds(1))
            }
            rig.providers.release(nil)
        }
        defer { pacer.cancel() }
        var watcher = Watcher()
        while !watcher.isEnded {
            watcher.take(try await follow(rig, id, after: watcher.after, marks: watcher.marks))
        }
        #expect(watcher.seqs == (1...watcher.after).map { $0 })
        #expect(watcher.texts.count == 4)
        let agents = try await rig.events(id).filter { $0.type == "turn.started" }
        #expect(agents.count == 4)
        for (step, text) in watcher.texts {
            #expect(text == texts[watcher.agents[step] ?? ""], "\(step)")
        }
        #expect(watcher.faults == [])
    }

    @Test("more events than one answer holds come in several, in order")
    func pages() async throws {
        let rig = try await Rig()
        let id = try await rig.make(rounds: 10, start: true).run.id
        // Each text is another one, so that no round stops the session.
        rig.providers.answer { request, _ in
            request.agent == "Writer" ? .init(["\(request.key)"]) : .init(["Score: 5/10"])
        }
        let last = try await rig.until(id, "completed").lastSeq
        var seen: [Int64] = []
        while true {
            let page = try await rig.gateway.call(
                Orchestrator.ListEvents(user: Rig.user, run: id, after: seen.last ?? 0, limit: 7)
            ).events
            #expect(page.count <= 7)
            if page.isEmpty { break }
            seen += page.map(\.seq)
        }
        #expect(seen == (1...last).map { $0 })
    }

    @Test("too many marks are refused")
    func marks() async throws {
        let rig = try await Rig(jobs: false)
        let id = try await rig.make().run.id
        let mark = Orchestrator.TextMark(step: "s", attempt: 1, offset: 0)
        let fault = try await refusal {
            try await follow(rig, id, marks: Array(repeating: mark, count: 33), wait: 0)
        }
        #expect(fault.code == .invalid)
    }
}

/// Puts together what a run tells, as a client does.
struct Watcher {
    var after: Int64 = 0
    var seqs: [Int64] = []
    var texts: [String: String] = [:]
    var agents: [String: String] = [:]
    var marks: [Orchestrator.TextMark] = []
    var isEnded = false
    var faults: [String] = []

    mutating func take(_ news: Orchestrator.News) {
        for text in news.texts {
            let known = texts[text.step] ?? ""
            if text.offset != known.utf8.count { faults.append("\(text.step) at \(text.offset)") }
            texts[text.step] = known + text.text
            agents[text.step] = text.agent
            marks.removeAll { $0.step == text.step }
            marks.append(
                .init(
                    step: text.step, attempt: text.attempt,
                    offset: text.offset + text.text.utf8.count))
        }
        seqs += news.events.map(\.seq)
        after = seqs.last ?? after
        isEnded = news.isEnded
    }
}
