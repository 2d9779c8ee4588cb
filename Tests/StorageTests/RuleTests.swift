import Contracts
import Mesh
import MeshContract
import ServiceKit
import Testing
import Testkit

@testable import StorageService

@Suite("Quotas, links and retention")
struct RuleTests {
    let rig: Rig
    let gateway: MeshClient

    init() async throws {
        rig = try await Rig(environment: ["STORAGE_QUOTA_BYTES": "100"])
        gateway = rig.mesh.client(as: "gateway")
    }

    @Test("what is over the quota is refused by name and number, and nothing is counted")
    func quota() async throws {
        let artifact = try await rig.put(String(repeating: "a", count: 90))
        let over = await fault { _ = try await rig.put(String(repeating: "b", count: 11)) }
        #expect(over?.code == .capped)
        #expect(over?.detail == "storage_bytes 100")
        #expect(try await gateway.call(Storage.GetUsage(owner: "ada")).bytes == 90)
        _ = try await rig.put("for bob", owner: "bob")
        _ = try await gateway.call(Storage.RemoveArtifact(id: artifact.id, owner: "ada"))
        let usage = try await gateway.call(Storage.GetUsage(owner: "ada"))
        #expect(usage == Storage.Usage(owner: "ada", bytes: 0, artifacts: 0, quota: 100))
        _ = try await rig.put(String(repeating: "b", count: 100))
    }

    @Test("an owner's own quota stands above the default, until it is taken away")
    func ownQuota() async throws {
        let set = try await gateway.call(Storage.SetQuota(owner: "ada", bytes: 5))
        #expect(set.quota == 5)
        #expect(await fault { _ = try await rig.put("123456") }?.code == .capped)
        _ = try await gateway.call(Storage.SetQuota(owner: "ada"))
        _ = try await rig.put("123456")
        let upload = await fault {
            _ = try await gateway.call(
                Storage.BeginUpload(
                    owner: "ada", name: "n", contentType: "a/b", bytes: 95, key: "k"))
        }
        #expect(upload?.code == .capped)
    }

    @Test("many at once never get over the quota together")
    func crowd() async throws {
        let kept = await withTaskGroup(of: Bool.self) { group in
            for number in 0..<30 {
                group.addTask { [rig] in
                    (try? await rig.put(String(repeating: "x", count: 10), name: "\(number)"))
                        != nil
                }
            }
            return await group.reduce(0) { $0 + ($1 ? 1 : 0) }
        }
        #expect(kept == 10)
    }

    @Test("a link opens its artifact until its time is over or it is revoked")
    func links() async throws {
        let artifact = try await rig.put("shared")
        let link = try await gateway.call(
            Storage.MakeLink(artifact: artifact.id, owner: "ada", seconds: 60))
        let token = try #require(link.token)
        #expect(try await gateway.call(Storage.OpenLink(token: token)) == artifact)
        let listed = try await gateway.call(
            Storage.ListLinks(artifact: artifact.id, owner: "ada"))
        #expect(listed.links.map(\.id) == [link.id])
        #expect(listed.links.first?.token == nil)
        _ = try await gateway.call(Storage.RevokeLink(id: link.id, owner: "eve"))
        #expect(try await gateway.call(Storage.OpenLink(token: token)) == artifact)
        rig.mesh.clock.advance(by: .seconds(61))
        #expect(await refusal(token) == .notFound)
        let second = try await gateway.call(
            Storage.MakeLink(artifact: artifact.id, owner: "ada", seconds: 60))
        _ = try await gateway.call(Storage.RevokeLink(id: second.id, owner: "ada"))
        let revoked = try #require(second.token)
        #expect(await refusal(revoked) == .notFound)
    }

    @Test("a token that was not made here opens nothing")
    func forged() async throws {
        let artifact = try await rig.put("shared")
        let link = try await gateway.call(
            Storage.MakeLink(artifact: artifact.id, owner: "ada", seconds: 60))
        let token = try #require(link.token)
        let last = token.last == "A" ? "B" : "A"
        for wrong in ["", ".", "lnk", link.id, "\(link.id).", token.dropLast() + last, "\(token)="]
        {
            #expect(await refusal(String(wrong)) == .notFound)
        }
        let stranger = await fault {
            _ = try await gateway.call(
                Storage.MakeLink(artifact: artifact.id, owner: "eve", seconds: 60))
        }
        #expect(stranger?.code == .notFound)
    }

    private func refusal(_ token: String) async -> Fault.Code? {
        await fault { _ = try await gateway.call(Storage.OpenLink(token: token)) }?.code
    }

    @Test("a rule takes what is old and has newer versions enough, and nothing else")
    func retention() async throws {
        for text in ["1", "2", "3"] { _ = try await rig.put(text, name: "[draft].md") }
        let other = try await rig.put("kept", name: "final.md")
        let rule = try await gateway.call(
            Storage.AddRetention(pattern: "[draft]*", keepDays: 10, keepVersions: 1))
        #expect(rule.matches == 0)
        rig.mesh.clock.advance(by: .seconds(11 * 86_400))
        let rules = try await gateway.call(Storage.ListRetention()).rules
        #expect(rules.map(\.matches) == [2])
        #expect(try await rig.node.sweep.once().forgotten == 2)
        let left = try await rig.client.call(Storage.ListArtifacts(run: "run_1", limit: 10))
        #expect(left.artifacts.map(\.version) == [3, 1])
        #expect(left.artifacts.last == other)
        _ = try await gateway.call(Storage.RemoveRetention(id: rule.id))
        #expect(try await gateway.call(Storage.ListRetention()).rules.isEmpty)
    }

    @Test("a rule that says nothing is refused, with what is missing")
    func emptyRule() async throws {
        let refused = await fault {
            _ = try await gateway.call(Storage.AddRetention(pattern: "", keepDays: 0))
        }
        #expect(refused?.fields?.map(\.pointer) == ["/pattern", "/keepDays"])
    }
}
