import Contracts
import Dialects
import Log
import Mesh
import MeshContract
import Routing
import ServiceKit
import Testing
import Testkit

@testable import ProvidersService

@Suite("Budgets of providers' cost")
struct SpendingTests {
    private func rule(
        _ limit: Int64, _ scope: String = "user", subject: String = "*", period: String = "day"
    ) -> Providers.SetBudget {
        Providers.SetBudget(
            .init(
                name: "b", scope: scope, subject: subject, period: period, limitNanoUSD: limit,
                allowsUnpriced: false))
    }

    /// Asks by a model with a price: 10 tokens of $2.50 and 5 of $10 a million are 75,000.
    private static let model = "gpt-4o"
    private static let cost: Int64 = 75_000

    private func account(_ rig: RoutedRig, _ subject: String? = nil) async throws
        -> Providers.BudgetAccount?
    {
        try await rig.rig.mesh.call(Providers.ListBudgets(subject: subject)).accounts.first
    }

    @Test("what was spent is counted to the nano-dollar, and past the limit nothing is asked")
    func limit() async throws {
        let rig = try await RoutedRig(keys: "k1") { _, _ in .says("Hello.") }
        let admin = rig.rig.test.client(as: "billing")
        // An answer of 1,000 tokens may cost a cent.
        _ = try await admin.call(rule(10_100_000))
        #expect(try await rig.ask("1", model: Self.model) == "Hello.")
        let entry = try #require(try await rig.entries().first)
        #expect(entry.usage.costNanoUSD == Self.cost && entry.usage.costMicroUSD == 75)
        #expect(try await account(rig)?.spentNanoUSD == Self.cost)
        #expect(try await account(rig)?.heldNanoUSD == 0)
        _ = try await admin.call(rule(10_000_000))
        let fault = try await rig.rig.fault(request("2", model: Self.model))
        #expect(fault?.code == .capped)
        #expect(fault?.message.contains("budget b of $0.01") == true)
        #expect(rig.provider.questions.count == 1)
        rig.rig.test.clock.advance(by: .seconds(86_400))
        _ = try await admin.call(rule(10_100_000))
        #expect(try await rig.ask("3", model: Self.model) == "Hello.", "the next day")
    }

    @Test("a budget holds among questions at once: no two spend the same money")
    func atOnce() async throws {
        let rig = try await RoutedRig(keys: "k1") { _, _ in .says("Hello.") }
        let admin = rig.rig.test.client(as: "billing")
        // Each may cost up to about 10,2 million; three of them at once fit.
        _ = try await admin.call(rule(33_000_000))
        let refused = try await withThrowingTaskGroup(of: Bool.self) { group in
            for number in 0..<20 {
                group.addTask {
                    let fault = try await rig.rig.fault(
                        request("q\(number)", model: Self.model))
                    if let fault { #expect(fault.code == .capped) }
                    return fault != nil
                }
            }
            return try await group.reduce(0) { $0 + ($1 ? 1 : 0) }
        }
        let answered = 20 - refused
        #expect(answered >= 3 && rig.provider.questions.count == answered)
        #expect(try await account(rig)?.spentNanoUSD == Int64(answered) * Self.cost)
        #expect(try await account(rig)?.heldNanoUSD == 0)
        #expect(rig.provider.mostOpen <= 3)
    }

    @Test("budgets are for whom they name")
    func subjects() async throws {
        let rig = try await RoutedRig(keys: "k1") { _, _ in .says("Hello.") }
        let admin = rig.rig.test.client(as: "billing")
        _ = try await admin.call(rule(0, "run", subject: "run_9", period: "total"))
        #expect(try await rig.ask("1", model: Self.model) == "Hello.")
        let fault = try await rig.rig.fault(request("2", model: Self.model, run: "run_9"))
        #expect(fault?.code == .capped)
        _ = try await admin.call(Providers.DeleteBudget(name: "b"))
        _ = try await rig.ask("3", model: Self.model, run: "run_9")
        await expectFault(.notFound) { try await admin.call(Providers.DeleteBudget(name: "b")) }
        await expectFault(.invalid) { try await admin.call(rule(-1, "planet")) }
        await expectFault(.denied) { try await rig.rig.mesh.call(rule(5)) }
    }

    @Test("a user's own budgets are theirs alone, have no name for people, and end with them")
    func owned() async throws {
        let rig = try await RoutedRig(keys: "k1") { _, _ in .says("Hello.") }
        let gateway = rig.rig.test.client(as: "gateway")
        func set(_ owner: String?, _ name: String, _ limit: Int64 = 0) -> Providers.SetBudget {
            Providers.SetBudget(
                .init(
                    name: name, scope: "run", subject: "run_9", period: "total",
                    limitNanoUSD: limit, allowsUnpriced: false, owner: owner))
        }
        _ = try await gateway.call(set("usr_1", "usr_1/run/run_9"))
        await expectFault(.conflict) { try await gateway.call(set("usr_2", "usr_1/run/run_9")) }
        await expectFault(.conflict) { try await gateway.call(set(nil, "usr_1/run/run_9")) }
        let fault = try await rig.rig.fault(request("1", model: Self.model, run: "run_9"))
        #expect(fault?.code == .capped)
        #expect(fault?.message == "the budget of this run of $0 a run in all is used up")
        let mine = try await gateway.call(Providers.ListBudgets(owner: "usr_1"))
        #expect(mine.budgets.map(\.name) == ["usr_1/run/run_9"])
        #expect(try await gateway.call(Providers.ListBudgets(owner: "usr_2")).budgets.isEmpty)
        for number in 1..<100 { _ = try await gateway.call(set("usr_1", "n\(number)", 1 << 40)) }
        await expectFault(.capped) { try await gateway.call(set("usr_1", "n100")) }
        _ = try await gateway.call(set("usr_1", "usr_1/run/run_9", 1 << 40))
        _ = try await rig.ask("2", model: Self.model, run: "run_9")
        let spent = try await gateway.call(Providers.ListBudgets(owner: "usr_1")).accounts
        #expect(spent.count == 100 && spent.allSatisfy { $0.spentNanoUSD == Self.cost })
        _ = try await gateway.call(Providers.ForgetBudgets(owner: "usr_1"))
        #expect(try await gateway.call(Providers.ListBudgets()).budgets.isEmpty)
    }

    @Test("under a budget a model without a price is refused, and what failed costs nothing")
    func unpriced() async throws {
        let rig = try await RoutedRig(keys: "k1") { _, count in
            count == 1 ? .refuses(500) : .says("Hello.")
        }
        let admin = rig.rig.test.client(as: "billing")
        _ = try await admin.call(rule(1_000_000_000))
        #expect(try await rig.rig.fault(request("1", model: "nobody-knows"))?.code == .capped)
        #expect(try await rig.ask("2", model: Self.model) == "Hello.")
        #expect(try await account(rig)?.spentNanoUSD == Self.cost)
        #expect(rig.provider.questions.count == 2)
    }

    @Test("a file of routes has budgets too, which nobody can set")
    func fromFile() async throws {
        let routes = #"{"budgets": [{"name": "b", "scope": "all", "period": "month", "usd": 0}]}"#
        let rig = try await RoutedRig(keys: "k1", routes: routes) { _, _ in .says("Hello.") }
        #expect(try await rig.rig.fault(request("1", model: Self.model))?.code == .capped)
        await expectFault(.conflict) {
            try await rig.rig.test.client(as: "billing").call(rule(1_000_000_000))
        }
    }

    @Test("a restart keeps rules and spending, and books in full what was held")
    func restart() async throws {
        let test = try TestMesh()
        let kit = try test.kit(for: ProvidersNode.self)
        func life(_ epoch: String) async throws -> BudgetKeeper {
            let keeper = BudgetKeeper(
                BudgetStore(database: kit.database, epoch: epoch), fixed: [],
                ambient: kit.ambient, log: kit.log)
            try await keeper.load()
            try await keeper.settleAbandoned()
            return keeper
        }
        let first = try await life("one")
        #expect(!first.isActive)
        try await first.set(Budget("b", .user, period: .day, limit: 1_000))
        let spender = Spender(user: "u")
        let hold = try #require(try await first.hold(spender, 300))
        await first.settle(hold, 120)
        await first.settle(hold, 120)
        _ = try await first.hold(spender, 400)

        let second = try await life("two")
        #expect(second.isActive)
        let account = try #require(try await second.list(.init(subject: "u")).accounts.first)
        #expect(account.spentNanoUSD == 520 && account.heldNanoUSD == 0)
        await expectFault(.capped) { try await second.hold(spender, 481) }
        #expect(try await second.hold(spender, 480) != nil)
        #expect(try await second.hold(Spender(user: "v"), 1_000) != nil)
        #expect(try await second.hold(Spender(run: "r"), 5_000) == nil, "no budget of his")
    }
}

@Suite("Users' own keys")
struct OwnKeyTests {
    private static let secret = "sk-own-very-secret-0123456789"

    private func put(
        _ rig: RoutedRig, _ key: String = OwnKeyTests.secret, user: String = "user_1",
        provider: String = "openai"
    ) async throws -> Providers.ProviderKeyCard {
        try await rig.rig.test.client(as: "gateway").call(
            Providers.PutProviderKey(user: user, provider: provider, key: key))
    }

    @Test("a user's questions are asked with the user's key, and booked as such")
    func used() async throws {
        let rig = try await RoutedRig(keys: "k1") { _, _ in .says("Hello.") }
        let card = try await put(rig)
        #expect(card.hint == "6789" && card.provider == "openai")
        _ = try await rig.ask("1", model: "gpt-4o")
        let other = Providers.Generate(
            key: "2", user: "user_2", run: "r", agent: "a", model: "gpt-4o", system: "",
            messages: [.init(role: "user", content: "Hi")], maxTokens: 10)
        _ = try await rig.rig.read(try await rig.rig.mesh.call(other))
        #expect(rig.provider.keys == [Self.secret, "k1"])
        let entries = try await rig.entries()
        #expect(entries.map(\.usage.isOwnKey) == [true, nil])
        #expect(entries.first?.usage.costNanoUSD == 75_000)
        let health = try await rig.health()
        #expect(health.targets.contains { $0.key == "own" } && !"\(health)".contains("user_1"))
    }

    @Test("one user's bad key cools down for that user alone")
    func cooling() async throws {
        let rig = try await RoutedRig(keys: "k1") { question, _ in
            question.key.hasSuffix("bad") ? .refuses(401) : .says("Hello.")
        }
        _ = try await put(rig, "sk-something-bad")
        #expect(try await rig.rig.fault(request("1"))?.code == .upstream)
        _ = try await put(rig, "sk-something-good")
        #expect(try await rig.ask("2") == "Hello.")
        let gateway = rig.rig.test.client(as: "gateway")
        _ = try await gateway.call(
            Providers.DeleteProviderKey(user: "user_1", provider: "openai"))
        #expect(try await rig.ask("3") == "Hello.")
        #expect(rig.provider.keys == ["sk-something-bad", "sk-something-good", "k1"])
    }

    @Test("a provider that the user alone has a key of answers him, and nobody else")
    func alone() async throws {
        let rig = try await Rig()
        let gateway = rig.test.client(as: "gateway")
        func ask(_ key: String, _ user: String) async throws -> Providers.StreamInfo {
            try await rig.mesh.call(
                Providers.Generate(
                    key: key, user: user, run: "r", agent: "a", provider: "anthropic",
                    model: "claude-sonnet-4-5", system: "",
                    messages: [.init(role: "user", content: "Hi")], maxTokens: 10))
        }
        await expectFault(.invalid) { try await ask("1", "user_1") }
        _ = try await gateway.call(
            Providers.PutProviderKey(user: "user_1", provider: "anthropic", key: Self.secret))
        let info = try await ask("1", "user_1")
        #expect(info.provider == "anthropic" && info.model == "claude-sonnet-4-5")
        await expectFault(.invalid) { try await ask("2", "user_2") }
        _ = try await rig.mesh.call(Providers.CancelStream(key: "1"))
    }

    @Test("no method tells a key, and no row holds it in the clear")
    func sealed() async throws {
        let rig = try await RoutedRig(keys: "k1") { _, _ in .says("Hello.") }
        _ = try await put(rig)
        let gateway = rig.rig.test.client(as: "gateway")
        let list = try await gateway.call(Providers.ListProviderKeys(user: "user_1"))
        #expect(list.keys.map(\.provider) == ["openai"] && !"\(list)".contains("very-secret"))
        #expect(try await gateway.call(Providers.ListProviderKeys(user: "user_2")).keys == [])
        let rows = try await ProviderKeyStore(database: rig.rig.node.store.database).all()
        let row = try #require(rows.first)
        #expect(!String(decoding: row.sealed, as: UTF8.self).contains("secret"))
        await expectFault(.denied) {
            try await rig.rig.mesh.call(Providers.ListProviderKeys(user: "user_1"))
        }
    }

    @Test("what is no key, and what takes none, is refused without being repeated")
    func refused() async throws {
        let rig = try await RoutedRig(keys: "k1") { _, _ in .says("Hello.") }
        for (key, provider) in [("sk ret with a space", "openai"), ("short", "openai")] {
            do {
                _ = try await put(rig, key, provider: provider)
                Issue.record("it was taken")
            } catch let fault as Fault {
                #expect(fault.code == .invalid && !fault.description.contains(key))
            }
        }
        for provider in ["offline", "ollama", "nobody"] {
            await expectFault(.invalid) { try await put(rig, provider: provider) }
        }
        await expectFault(.notFound) {
            try await rig.rig.test.client(as: "gateway").call(
                Providers.DeleteProviderKey(user: "user_1", provider: "openai"))
        }
    }

    @Test("a new master key takes over from an older one; without that the keys are lost")
    func rotation() async throws {
        let test = try TestMesh()
        let kit = try test.kit(for: ProvidersNode.self)
        let (one, two) = ([UInt8](repeating: 1, count: 32), [UInt8](repeating: 2, count: 32))
        func vault(_ masters: KeyVault.Masters) async throws -> KeyVault {
            let vault = KeyVault(
                ProviderKeyStore(database: kit.database), masters, ambient: kit.ambient,
                log: kit.log)
            try await vault.load()
            return vault
        }
        _ = try await vault(.init(one)).put("u", "openai", Self.secret)
        let rotated = try await vault(.init(two, older: [one]))
        #expect(try rotated.key(of: "u", for: "openai") == Self.secret)
        #expect(try await vault(.init(two)).key(of: "u", for: "openai") == Self.secret)
        let lost = try await vault(.init(one))
        #expect(lost.providers(of: "u") == ["openai"])
        #expect(throws: Fault.self) { try lost.key(of: "u", for: "openai") }
    }

    @Test("a master key is 32 bytes in hexadecimal digits, or is made once in a private file")
    func masters() throws {
        func load(_ environment: [String: String]) throws -> KeyVault.Masters {
            try .load(Settings(environment: environment)) { [UInt8](repeating: 7, count: 32) }
        }
        let given = try load(["ATELIER_MASTER_KEY": String(repeating: "07", count: 32)])
        #expect(try load([:]).current == given.current)
        for text in ["07", String(repeating: "0x", count: 32), String(repeating: "0", count: 63)] {
            #expect(throws: Fault.self) { try load(["ATELIER_MASTER_KEY": text]) }
        }
    }
}
