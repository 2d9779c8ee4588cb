import Curl
import Database
import Fakes
import Log
import ServiceKit
import Testing
import Testkit
import Wire

@testable import GatewayService

@Suite("Idempotency-Key", .timeLimit(.minutes(1)))
struct KeptAnswerTests {
    private func key(_ key: String) -> [(String, String)] { [("Idempotency-Key", key)] }

    @Test("the same request again gets the first one's answer, and nothing is made twice")
    func again() async throws {
        let rig = try await Rig(billing: false)
        let token = try await rig.user()
        let first = try await rig.send(
            "POST", "/api/v1/api-keys", ["name": "a"], as: token, headers: key("k1"))
        #expect(first.status == 201 && first.headers["idempotency-replayed"] == nil)
        // By the other name of the same path.
        let again = try await rig.send(
            "POST", "/api/api-keys", ["name": "a"], as: token, headers: key("k1"))
        #expect(again.status == 201 && again.body == first.body)
        #expect(again.headers["idempotency-replayed"] == "true")
        #expect(again.headers["content-type"] == "application/json")
        let list = try await rig.send("GET", "/api/v1/api-keys", as: token).json["items"]
        #expect(list?.list.count == 1)
        // Another user's key of the same name is another key.
        let other = try await rig.send(
            "POST", "/api/v1/api-keys", ["name": "a"], as: try await rig.user("bob"),
            headers: key("k1"))
        #expect(other.status == 201 && other.body != first.body)
        rig.mesh.clock.advance(by: .seconds(86_401))
        let later = try await rig.send(
            "POST", "/api/v1/api-keys", ["name": "a"], as: try await rig.user("eve"),
            headers: key("k1"))
        #expect(later.status == 201)
    }

    @Test("the same key with another request is 422, and a failure leaves the key free")
    func other() async throws {
        let rig = try await Rig(billing: false)
        let token = try await rig.user()
        let bad = try await rig.send(
            "POST", "/api/v1/api-keys", ["name": ""], as: token, headers: key("k"))
        #expect(bad.status == 400)
        let good = try await rig.send(
            "POST", "/api/v1/api-keys", ["name": "a"], as: token, headers: key("k"))
        #expect(good.status == 201)
        let another = try await rig.send(
            "POST", "/api/v1/api-keys", ["name": "b"], as: token, headers: key("k"))
        #expect(another.status == 422 && another.code == "conflict")
        #expect(another.headers["content-type"] == "application/problem+json")
        let elsewhere = try await rig.send(
            "POST", "/api/v1/references?name=x", ["name": "a"], as: token, headers: key("k"))
        #expect(elsewhere.status == 422)
        for wrong in ["", String(repeating: "k", count: 201)] {
            let answer = try await rig.send(
                "POST", "/api/v1/api-keys", ["name": "c"], as: token, headers: key(wrong))
            #expect(answer.status == 400 || wrong.isEmpty)
        }
    }

    @Test("while the first is being answered, the second is 409 with a time to come back")
    func atOnce() async throws {
        let rig = try await Rig(billing: false)
        let token = try await rig.user()
        // The hash of a new password takes its time: the second comes while it is being made.
        let answers = try await withThrowingTaskGroup(of: Rig.Answer.self) { group in
            for _ in 0..<6 {
                group.addTask {
                    try await rig.send(
                        "POST", "/api/v1/auth/register",
                        [
                            "email": "new@example.org", "password": .text(Rig.password),
                            "name": "New",
                        ], headers: [("Idempotency-Key", "k")])
                }
            }
            return try await group.reduce(into: []) { $0.append($1) }
        }
        #expect(token.isEmpty == false)
        let made = answers.filter { $0.status == 201 }
        #expect(!made.isEmpty && Set(made.map(\.body)).count == 1)
        #expect(made.count { $0.headers["idempotency-replayed"] == nil } == 1)
        for waiting in answers where waiting.status != 201 {
            #expect(waiting.status == 409 && waiting.headers["retry-after"] == "1")
        }
    }

    @Test("no secret lies in the table, and what was sealed with a lost key is forgotten")
    func sealed() async throws {
        let rig = try await Rig(billing: false)
        let token = try await rig.user()
        let made = try await rig.send(
            "POST", "/api/v1/api-keys", ["name": "a"], as: token, headers: key("k"))
        let secret = try #require(made.json["key"]?.string)
        let store = KeptAnswerStore(database: rig.gateway.accounts.store.database)
        let row = try #require(try await store.find("user usr_ada", "k", after: 0))
        let text = String(decoding: row.sealed, as: UTF8.self)
        #expect(!text.contains(secret) && !text.contains("atl_"))
        var odd = row
        odd.sealed[20] ^= 1
        try await store.keep(odd, within: .init())
        let again = try await rig.send(
            "POST", "/api/v1/api-keys", ["name": "a"], as: token, headers: key("k"))
        #expect(again.status == 201 && again.headers["idempotency-replayed"] == nil)
    }

    @Test("the oldest make room: by number, by size, and after a day")
    func bounded() async throws {
        let database = try Database(path: ":memory:", migrations: KeptAnswerStore.migrations)
        defer { database.close() }
        let store = KeptAnswerStore(database: database)
        func keep(_ key: String, bytes: Int, at: Int64) async throws {
            try await store.keep(
                .init(
                    subject: "a", key: key, fingerprint: [1],
                    sealed: .init(repeating: 0, count: bytes), keptAt: at),
                within: .init(answers: 3, bytes: 100))
        }
        for number in 1...5 { try await keep("\(number)", bytes: 10, at: Int64(number)) }
        #expect(try await store.count() == 3)
        #expect(try await store.find("a", "2", after: 0) == nil)
        try await keep("6", bytes: 85, at: 6)
        #expect(try await store.count() == 2)
        try await keep("7", bytes: 500, at: 7)
        #expect(try await store.count() == 1)
        #expect(try await store.find("a", "7", after: 0)?.sealed.count == 500)
        #expect(try await store.find("a", "7", after: 7) == nil)
        try await keep("8", bytes: 10, at: 8)
        try await store.sweep(until: 0, bytes: 50)
        #expect(try await store.count() == 1)
        try await store.sweep(until: 8, bytes: 50)
        #expect(try await store.count() == 0)
    }

    @Test("an answer comes out of its bytes as it went in")
    func text() throws {
        let text = AnswerText(
            status: 201, headers: [("Content-Type", "text/plain"), ("X", "a: b")],
            body: Array("one\n\ntwo".utf8))
        let back = try #require(AnswerText(text.bytes))
        #expect(back.status == 201 && back.body == text.body)
        #expect(back.headers.map(\.1) == ["text/plain", "a: b"])
        for odd in ["", "x\n\n", "200", "200\nno colon\n\n", "200\nA: b\n"] {
            #expect(AnswerText(Array(odd.utf8)) == nil)
        }
    }
}
