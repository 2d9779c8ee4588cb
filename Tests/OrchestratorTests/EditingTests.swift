import Contracts
import Fakes
import Mesh
import MeshContract
import Testing
import Testkit

@testable import OrchestratorService

@Suite("A person's hands on a session", .timeLimit(.minutes(1)))
struct EditingTests {
    private static let draft = "The tide is low. The boats lie still.\n\nIt is night.\n"

    /// A writer who changes one sentence in each round.
    private func rig() async throws -> Rig {
        let rig = try await Rig()
        rig.providers.answer { request, _ in
            guard request.agent == "Writer" else { return .init(["Score: 7/10"]) }
            let document =
                request.messages[0].content.split(separator: "\n")
                .filter { $0.hasPrefix("The tide") || $0.hasPrefix("It is") }
                .joined(separator: "\n\n") + "\n"
            let new = document.contains("low") ? ("low", "out") : ("still", "quiet")
            let text = document.replacing(new.0, with: new.1)
            return .init([String(text.prefix(4)), String(text.dropFirst(4))])
        }
        return rig
    }

    private func edit(
        _ rig: Rig, _ id: String, _ text: String, base: String? = nil
    ) async throws -> Orchestrator.Session {
        try await rig.gateway.call(
            Orchestrator.EditDocument(user: Rig.user, id: id, document: text, base: base))
    }

    @Test("before the start an edit is seen at once, and the first turn builds on it")
    func queued() async throws {
        let rig = try await rig()
        let made = try await rig.make(draft: Self.draft)
        let mine = Self.draft.replacing("night", with: "dawn")
        let edited = try await edit(rig, made.run.id, mine)
        #expect(edited.document == mine)
        #expect(edited.pendingActs == 1)
        #expect(edited.revision != made.revision)
        _ = try await rig.gateway.call(Orchestrator.StartSession(user: Rig.user, id: made.run.id))
        try await rig.until(made.run.id, "completed")
        let prompt = rig.providers.asked[0].request.messages[0].content
        #expect(prompt.contains("It is dawn."))
        let session = try await rig.session(made.run.id)
        #expect(session.document == mine.replacing("low", with: "out"))
        #expect(session.pendingActs == 0)
    }

    @Test("an edit during a turn is shown, merged with the answer, and stored at the end")
    func inFlight() async throws {
        let rig = try await rig()
        rig.providers.release(1)
        let id = try await rig.make(rounds: 2, start: true, draft: Self.draft).run.id
        #expect(await soon { rig.providers.reads > 0 })
        let mine = Self.draft.replacing("night", with: "dawn")
        #expect(try await edit(rig, id, mine).document == mine)
        rig.providers.release(nil)
        try await rig.until(id, "completed")
        let session = try await rig.session(id)
        let text = mine.replacing("low", with: "out").replacing("still", with: "quiet")
        #expect(session.document == text)
        #expect(rig.storage.artifacts.map { rig.storage.content(of: $0.id) } == [text])
        let heard = try await rig.events(id).filter { $0.type == "person.heard" }
        #expect(heard.count == 1)
    }

    @Test("an edit during the run and one after its end are each made once, also when asked twice")
    func beforeAndAfter() async throws {
        let rig = try await rig()
        rig.providers.release(1)
        let id = try await rig.make(rounds: 2, start: true, draft: Self.draft).run.id
        #expect(await soon { rig.providers.reads > 0 })
        let base = try await rig.session(id).revision
        let mine = Self.draft + "\nBy Ada.\n"
        for _ in 0..<2 { _ = try await edit(rig, id, mine, base: base) }
        rig.providers.release(nil)
        try await rig.until(id, "completed")
        #expect(try await edit(rig, id, mine, base: base).document.ranges(of: "Ada").count == 1)
        // After the end it is made of what is there then.
        let ended = try await rig.session(id)
        let document = ended.document
        #expect(document.ranges(of: "Ada").count == 1 && document.contains("quiet"))
        let after = document.replacing("night", with: "dawn")
        for _ in 0..<2 {
            let session = try await edit(rig, id, after, base: ended.revision)
            #expect(session.document == after)
        }
        let last = after.replacing("dawn", with: "noon")
        #expect(try await edit(rig, id, last).document == last)
    }

    @Test("two edits in a row, the second from what the first made, are both there")
    func chain() async throws {
        let rig = try await rig()
        rig.providers.release(0)
        let id = try await rig.make(start: true, draft: Self.draft).run.id
        let first = try await edit(rig, id, Self.draft.replacing("night", with: "dawn"))
        let second = try await edit(
            rig, id, first.document + "\nGulls.\n", base: first.revision)
        #expect(second.document.contains("dawn") && second.document.contains("Gulls."))
        // From the draft, whatever came since.
        let third = try await edit(
            rig, id, Self.draft.replacing("boats", with: "ships"), base: "0.0")
        #expect(third.document.contains("ships") && third.document.contains("Gulls."))
        rig.providers.release(nil)
        try await rig.until(id, "completed")
        let text = try await rig.session(id).document
        for word in ["dawn", "Gulls.", "ships", "out"] { #expect(text.contains(word)) }
        let fault = try await refusal { try await edit(rig, id, "x", base: "99.0") }
        #expect(fault.fields?.map(\.pointer) == ["/base"])
    }

    @Test("after the end edits are kept, stored again, and one document at last")
    func ended() async throws {
        let rig = try await rig()
        let id = try await rig.make(start: true, draft: Self.draft).run.id
        try await rig.until(id, "completed")
        let result = try await rig.session(id)
        let one = try await edit(
            rig, id, result.document.replacing("night", with: "dawn"), base: result.revision)
        #expect(one.document.contains("dawn"))
        #expect(one.pendingActs == 0)
        let two = try await edit(rig, id, one.document + "\nGulls.\n", base: one.revision)
        #expect(two.document.contains("dawn") && two.document.contains("Gulls."))
        #expect(try await rig.session(id).document == two.document)
        #expect(rig.storage.artifacts.count == 3)
        #expect(rig.storage.content(of: rig.storage.artifacts[2].id) == two.document)
    }

    @Test("locks are kept through the answers, and must stand in the text")
    func locks() async throws {
        let rig = try await rig()
        let id = try await rig.make(rounds: 2, draft: Self.draft).run.id
        let lock = Orchestrator.LockPassages(
            user: Rig.user, id: id, passages: ["The tide is low."])
        let locked = try await rig.gateway.call(lock)
        #expect(locked.locks == [.init(text: "The tide is low.", count: 1)])
        let fault = try await refusal {
            try await rig.gateway.call(
                Orchestrator.LockPassages(user: Rig.user, id: id, passages: ["Not there.", " "]))
        }
        #expect(fault.fields?.map(\.pointer) == ["/locks/0", "/locks/1"])
        _ = try await rig.gateway.call(Orchestrator.StartSession(user: Rig.user, id: id))
        try await rig.until(id, "completed")
        #expect(try await rig.session(id).document.contains("The tide is low."))
        let list = try await rig.gateway.call(
            Orchestrator.ListSuggestions(user: Rig.user, id: id)
        ).suggestions
        #expect(list.first?.obstacle == "lock")
        #expect(list.first?.author == "Writer")
        // Free again, the change can be made after all.
        let made = try await rig.gateway.call(
            Orchestrator.DecideSuggestion(user: Rig.user, id: id, number: 1, accept: true))
        #expect(made.state == "accepted" && made.effect == "made")
        #expect(try await rig.session(id).document.contains("The tide is out."))
    }

    @Test("a suggestion is decided once; rejected, it is undone")
    func suggestions() async throws {
        let rig = try await rig()
        let id = try await rig.make(start: true, draft: Self.draft).run.id
        try await rig.until(id, "completed")
        #expect(try await rig.session(id).openSuggestions == 1)
        func decide(_ number: Int, _ accept: Bool) async throws -> Orchestrator.Suggestion {
            try await rig.gateway.call(
                Orchestrator.DecideSuggestion(
                    user: Rig.user, id: id, number: number, accept: accept))
        }
        let rejected = try await decide(1, false)
        #expect(rejected.state == "rejected" && rejected.effect == "undone")
        #expect(rejected.before == "The tide is low. " && rejected.after == "The tide is out. ")
        #expect(try await decide(1, false) == rejected)
        #expect(try await refusal { try await decide(1, true) }.code == .conflict)
        #expect(try await refusal { try await decide(2, true) }.code == .notFound)
        let session = try await rig.session(id)
        #expect(session.document == Self.draft)
        #expect(session.openSuggestions == 0)
        let open = try await rig.gateway.call(
            Orchestrator.ListSuggestions(user: Rig.user, id: id, state: "open"))
        #expect(open.suggestions.isEmpty)
    }

    @Test("the difference of any two rounds is told, as data and as text")
    func diff() async throws {
        let rig = try await rig()
        let id = try await rig.make(rounds: 2, start: true, draft: Self.draft).run.id
        try await rig.until(id, "completed")
        func diff(_ from: Int, _ to: Int?) async throws -> Orchestrator.DocumentDiff {
            try await rig.gateway.call(
                Orchestrator.DiffSession(user: Rig.user, id: id, from: from, to: to))
        }
        let first = try await diff(0, 1)
        #expect(first.from == "draft" && first.to == "round 1")
        #expect(first.pieces.map(\.kind) == ["removed", "added", "same"])
        #expect(first.wordsAdded == 1 && first.wordsRemoved == 1)
        #expect(first.unified.hasPrefix("--- draft\n+++ round 1\n@@"))
        #expect(try await diff(1, 2).unified.contains("+The tide is out. The boats lie quiet."))
        #expect(try await diff(0, nil).to == "now")
        #expect(try await diff(2, 2).unified.isEmpty)
        #expect(try await refusal { try await diff(0, 9) }.code == .invalid)
    }

    @Test("continued, a session goes on with its document, agents, locks and what was turned down")
    func goesOn() async throws {
        let rig = try await rig()
        let id = try await rig.make(draft: Self.draft).run.id
        let early = try await refusal {
            try await rig.gateway.call(Orchestrator.ContinueSession(user: Rig.user, id: id))
        }
        #expect(early.code == .conflict)
        _ = try await rig.gateway.call(
            Orchestrator.LockPassages(user: Rig.user, id: id, passages: ["It is night."]))
        _ = try await rig.gateway.call(Orchestrator.StartSession(user: Rig.user, id: id))
        try await rig.until(id, "completed")
        let ended = try await rig.session(id)
        _ = try await rig.gateway.call(
            Orchestrator.DecideSuggestion(user: Rig.user, id: id, number: 1, accept: false))
        let again = Orchestrator.ContinueSession(
            user: Rig.user, id: id, maxRounds: 2, key: "once")
        let next = try await rig.gateway.call(again)
        #expect(next.run.state == "running")
        #expect(try await rig.gateway.call(again).run.id == next.run.id)
        #expect(next.continues == id && next.maxRounds == 2)
        #expect(next.agents == ended.agents)
        #expect(next.locks.map(\.text) == ["It is night."])
        try await rig.until(next.run.id, "completed")
        let prompt = try #require(
            rig.providers.asked.last { $0.request.agent == "Writer" }
        ).request.messages[0].content
        #expect(prompt.contains("turned these changes down"))
        // The same change again was kept out by code.
        #expect(try await rig.session(next.run.id).document.contains("The tide is low."))
        let fault = try await refusal {
            try await rig.gateway.call(
                Orchestrator.ContinueSession(user: Rig.user, id: id, maxRounds: 99))
        }
        #expect(fault.fields?.map(\.pointer) == ["/max_rounds"])
    }

    @Test("what was cut short shows the best it came to, and can be edited and continued")
    func cancelled() async throws {
        let rig = try await rig()
        rig.providers.release(1)
        let id = try await rig.make(start: true, draft: Self.draft).run.id
        #expect(await soon { rig.providers.reads > 0 })
        _ = try await rig.gateway.call(Orchestrator.CancelRun(user: Rig.user, id: id))
        try await rig.until(id, "cancelled")
        #expect(try await rig.session(id).document == Self.draft)
        let edited = try await edit(rig, id, "The tide is low. Mine.\n")
        #expect(edited.document == "The tide is low. Mine.\n")
        rig.providers.release(nil)
        let next = try await rig.gateway.call(
            Orchestrator.ContinueSession(user: Rig.user, id: id))
        try await rig.until(next.run.id, "completed")
        #expect(
            rig.providers.asked.last { $0.request.agent == "Writer" }?
                .request.messages[0].content.contains("Mine.") == true)
    }

    @Test("somebody else's session is not there, whatever is asked of it")
    func strangers() async throws {
        let rig = try await rig()
        let id = try await rig.make(draft: Self.draft).run.id
        let user = "usr_2"
        let calls: [@Sendable () async throws -> Void] = [
            {
                _ = try await rig.gateway.call(
                    Orchestrator.EditDocument(user: user, id: id, document: "x"))
            },
            {
                _ = try await rig.gateway.call(
                    Orchestrator.LockPassages(user: user, id: id, passages: []))
            },
            { _ = try await rig.gateway.call(Orchestrator.ListSuggestions(user: user, id: id)) },
            {
                _ = try await rig.gateway.call(
                    Orchestrator.DecideSuggestion(user: user, id: id, number: 1, accept: true))
            },
            {
                _ = try await rig.gateway.call(
                    Orchestrator.DiffSession(user: user, id: id, from: 0))
            },
            { _ = try await rig.gateway.call(Orchestrator.ContinueSession(user: user, id: id)) },
        ]
        for call in calls {
            #expect(try await refusal { try await call() }.code == .notFound)
        }
    }
}
