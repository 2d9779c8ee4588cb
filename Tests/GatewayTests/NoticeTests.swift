import Contracts
import Database
import Fakes
import MeshContract
import ServiceKit
import Synchronization
import Testing
import Testkit

@testable import GatewayService

@Suite("What people are told", .timeLimit(.minutes(1)))
struct NoticeTests {
    private typealias Rig = NoticeRig

    @Test("each kind says what has happened to which run, newest first")
    func told() async throws {
        let rig = try await Rig()
        try await rig.take(
            Rig.entry(1, "gate_waiting", detail: "Good?"), Rig.entry(2),
            Rig.entry(3, "run_failed", detail: "no key"), Rig.entry(4, "run_attention"),
            Rig.entry(5, "run_winner"), Rig.entry(6, of: "usr_none"))
        let all = try await rig.list()
        #expect(all.map(\.kind) == ["run_failed", "run_failed", "run_completed", "gate_waiting"])
        #expect(
            all.map(\.title) == [
                "Needs attention: Tides", "Failed: Tides", "Completed: Tides",
                "Waiting for you: Tides",
            ])
        #expect(all.map(\.run) == ["run_4", "run_3", "run_2", "run_1"])
        #expect(all[1].text == "no key" && all[3].text == "Good?")
        #expect(all.allSatisfy { $0.email == "none" && $0.readAt == nil })
        #expect(try await rig.list("usr_bob").isEmpty)
        #expect(try await rig.store.cursor() == 6)
    }

    @Test("the wishes of the moment at which it is taken count")
    func wishes() async throws {
        let rig = try await Rig()
        try await rig.wish("run_completed", inApp: false, email: false)
        try await rig.take(Rig.entry(1))
        #expect(try await rig.emails().isEmpty)
        try await rig.wish("run_completed", inApp: false, email: true)
        try await rig.take(Rig.entry(2), Rig.entry(3, "gate_waiting"))
        #expect(try await rig.list().map(\.run) == ["run_3"])
        #expect(try await rig.emails() == ["waiting", "none"])
        try await rig.wish("run_completed", inApp: true, email: true)
        try await rig.take(Rig.entry(4))
        #expect(try await rig.list().first?.email == "waiting")
    }

    @Test("what is taken twice is told once, also over a restart")
    func once() async throws {
        let folder = try TestMesh()
        let path = folder.data.path + "/notices.db"
        let ambient = Ambient(now: { 1 }, makeID: { timeOrderedID($0, at: 1) })
        let making = NoticeStore.Making(ambient: ambient, mailsPerHour: 9)
        let entries = [NoticeRig.entry(1), NoticeRig.entry(2)]
        for round in 0..<3 {
            let database = try Database(path: path, migrations: GatewayNode.migrations)
            defer { database.close() }
            if round == 0 { try await NoticeRig.add("ada", to: AccountStore(database: database)) }
            let store = NoticeStore(database: database)
            #expect(try await store.cursor() == (round == 0 ? 0 : 2))
            #expect(try await store.take(entries, making) == 2)
            #expect(try await store.list(of: "usr_ada", after: nil, limit: 9).count == 2)
        }
    }

    @Test("where a notice cannot be written the cursor stays, and none of the others is there")
    func whole() async throws {
        let rig = try await Rig()
        let broken = NoticeStore.Making(
            ambient: Ambient(now: { 1 }, makeID: { _ in "ntc_same" }), mailsPerHour: 9)
        await #expect(throws: (any Error).self) {
            try await rig.store.take([NoticeRig.entry(1), NoticeRig.entry(2)], broken)
        }
        #expect(try await rig.store.cursor() == 0)
        #expect(try await rig.list().isEmpty)
        try await rig.take(Rig.entry(1), Rig.entry(2))
        #expect(try await rig.list().count == 2)
    }

    @Test("an orchestrator that is away, or was brought back from a copy, is read on")
    func feed() async throws {
        let rig = try await Rig()
        rig.orchestrator.fail(Fault(.unavailable, "away"))
        await #expect(throws: Fault.self) { try await rig.take(Rig.entry(7)) }
        rig.orchestrator.fail(nil)
        #expect(try await rig.node.notices.turn() == 1)
        rig.orchestrator.forget()
        try await rig.take(Rig.entry(3))
        #expect(try await rig.store.cursor() == 3)
        #expect(try await rig.list().count == 1)
        try await rig.take(Rig.entry(4))
        #expect(try await rig.list().map(\.run) == ["run_4", "run_7"])
    }

    @Test("notices are read up to one, or all; each user's own only")
    func read() async throws {
        let rig = try await Rig()
        for seq in 1...3 { try await rig.take(Rig.entry(Int64(seq))) }
        try await rig.take(Rig.entry(4, of: "usr_bob"))
        let all = try await rig.list()
        #expect(try await rig.store.unread(of: "usr_ada") == 3)
        #expect(try await rig.store.read(of: "usr_ada", upTo: all[1].id, at: 9) == 1)
        #expect(try await rig.list().map(\.readAt) == [nil, 9, 9])
        let foreign = try #require(try await rig.list("usr_bob").first?.id)
        await #expect(throws: Fault.self) {
            try await rig.store.read(of: "usr_ada", upTo: foreign, at: 9)
        }
        await #expect(throws: Fault.self) {
            try await rig.store.list(of: "usr_ada", after: foreign, limit: 9)
        }
        let rest = try await rig.store.list(of: "usr_ada", after: all[0].id, limit: 1)
        #expect(rest.map(\.id) == [all[1].id])
        #expect(try await rig.store.read(of: "usr_ada", upTo: nil, at: 10) == 0)
        #expect(try await rig.store.unread(of: "usr_bob") == 1)
    }

    @Test("the newest five hundred of a user are kept, for ninety days")
    func limits() async throws {
        let rig = try await Rig()
        try await rig.take(Rig.entry(1, of: "usr_bob"))
        let most = NoticeStore.mostOfAccount
        let entries = (2...Int64(most + 4)).map { Rig.entry($0) }
        try await rig.store.take(entries, rig.node.notices.making)
        let kept = try await rig.list()
        #expect(kept.count == most && kept.last?.run == "run_5")
        #expect(try await rig.list("usr_bob").count == 1)
        rig.mesh.clock.advance(by: .seconds(90 * 86_400 + 1))
        try await rig.take(Rig.entry(9_000))
        await rig.node.housekeeping.sweep()
        #expect(try await rig.list().map(\.run) == ["run_9000"])
        #expect(try await rig.list("usr_bob").isEmpty)
    }

    @Test("an hour has so many e-mails; what is more is shown instead, whatever was wished")
    func limited() async throws {
        let rig = try await Rig(["ATELIER_NOTICE_MAILS_PER_HOUR": "2"])
        try await rig.wish("run_completed", inApp: false, email: true)
        try await rig.wish("run_completed", inApp: false, email: true, of: "usr_bob")
        try await rig.take(
            Rig.entry(1), Rig.entry(2), Rig.entry(3), Rig.entry(4, of: "usr_bob"))
        #expect(try await rig.emails() == ["waiting", "waiting", "limited"])
        #expect(try await rig.emails("usr_bob") == ["waiting"])
        #expect(try await rig.list().map(\.email) == ["limited"])
        rig.mesh.clock.advance(by: .seconds(3_601))
        try await rig.take(Rig.entry(5))
        #expect(try await rig.emails().last == "waiting")
    }

    @Test("of a workspace's run nothing is shown to who has left it, until the workspace is gone")
    func left() async throws {
        let rig = try await Rig()
        let accounts = rig.node.accounts
        let workspaces = WorkspaceStore(database: accounts.store.database)
        let note = accounts.audit.entry(.workspaceMake, by: .operator)
        let space = WorkspaceStore.Workspace(id: "wsp_1", name: "Lane", createdAt: 1)
        try await workspaces.make(space, owner: "usr_bob", noting: note)
        try await rig.store.database.transaction {
            try WorkspaceStore.add("usr_ada", .member, to: "wsp_1", 1, in: $0)
        }
        try await rig.wish("run_completed", inApp: true, email: true)
        try await rig.take(Rig.entry(1, workspace: "wsp_1"), Rig.entry(2))
        #expect(try await rig.list().count == 2)
        #expect(try await rig.store.unread(of: "usr_ada") == 2)
        try await workspaces.change(
            "usr_ada", of: "wsp_1", from: .member, to: nil, noting: note)
        #expect(try await rig.list().map(\.run) == ["run_2"])
        #expect(try await rig.store.unread(of: "usr_ada") == 1)
        // Nor is it sent after them, nor told at all.
        await rig.node.post.sweep()
        #expect(rig.providers.mails.map(\.subject) == ["Completed: Tides"])
        try await rig.take(Rig.entry(3, workspace: "wsp_1"))
        #expect(try await rig.emails().count == 2)
        try await workspaces.delete("wsp_1", noting: note)
        #expect(try await rig.list().count == 2)
    }

    @Test("a disabled account is sent nothing, and one that has ended keeps nothing")
    func gone() async throws {
        let rig = try await Rig()
        let accounts = rig.node.accounts
        let note = accounts.audit.entry(.userDisable, by: .operator)
        try await rig.wish("run_completed", inApp: true, email: true)
        try await accounts.store.setDisabled(true, of: "usr_ada", noting: note)
        try await rig.take(Rig.entry(1))
        #expect(try await rig.emails() == ["none"])
        _ = try await accounts.store.end("usr_ada", at: 1, noting: note)
        #expect(try await rig.emails().isEmpty)
        #expect(try await rig.store.creditLooks(limit: 9).isEmpty)
        try await rig.take(Rig.entry(2))
        #expect(try await rig.emails().isEmpty)
        #expect(try await rig.store.cursor() == 2)
    }
}
