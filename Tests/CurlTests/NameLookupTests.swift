import EventLoop
import Glibc
import Testing

@testable import Curl

@Suite struct NameLookupTests {
    @Test("however many wait for a name, it is looked up once, and a failure is kept for a moment")
    func once() async {
        let (gate, resolver) = (Gate(), Resolver())
        let rig = PlainRig { name, _ in
            resolver.note(name)
            gate.wait()
            return []
        }
        defer { rig.stop() }
        let transfers = (0..<5).map { _ in rig.begin("one.example") }
        // All of them wait once the loop has come to this.
        await withUnsafeContinuation { done in rig.loop.performLater { done.resume() } }
        for _ in 0..<6 { gate.open() }
        for transfer in transfers { #expect(await transfer.error() == .resolve) }
        #expect(await rig.begin("one.example").error() == .resolve)
        #expect(resolver.asked == ["one.example"])
    }

    @Test("a name that is no longer waited for is not looked up")
    func leaving() async {
        let (gate, resolver) = (Gate(), Resolver())
        let rig = PlainRig { name, _ in
            resolver.note(name)
            gate.wait()
            return []
        }
        defer { rig.stop() }
        let count = NameLookup.threads.count
        let first = (0..<count).map { rig.begin("first\($0).example") }
        let left = rig.begin("left.example")
        let late = rig.begin("late.example", connectTimeout: .milliseconds(1))
        let last = rig.begin("last.example")
        rig.drop(left)
        #expect(await late.error() == .resolve)
        for _ in 0..<count + 3 { gate.open() }
        for transfer in first + [last] { #expect(await transfer.error() == .resolve) }
        #expect(resolver.asked.count == count + 1)
        #expect(Set(resolver.asked).isDisjoint(with: ["left.example", "late.example"]))
    }

    @Test("only so many names are looked up at once, and more of them later")
    func bounded() async {
        let gate = Gate()
        let rig = PlainRig { _, _ in
            gate.wait()
            return []
        }
        defer { rig.stop() }
        let most = NameLookup.mostSearches
        let first = (0..<most).map { rig.begin("name\($0).example") }
        let refused = await rig.begin("another.example").error()
        #expect(refused == .overloaded && refused?.isUnsent == true)
        for _ in 0...most { gate.open() }
        for transfer in first { #expect(await transfer.error() == .resolve) }
        #expect(await rig.begin("another.example").error() == .resolve)
    }

    @Test("a long queue for a name without an address ends step by step")
    func queue() async throws {
        var limits = HTTPClient.Limits()
        (limits.transfers, limits.queue) = (1, 4096)
        try await withClient(limits: limits) { client, _ in
            let errors = await withTaskGroup(of: HTTPClientError?.self) { group in
                for _ in 0..<4096 {
                    group.addTask {
                        do throws(HTTPClientError) {
                            _ = try await client.send(
                                ClientRequest(url: "http://no-such-name.invalid/"))
                            return nil
                        } catch {
                            return error
                        }
                    }
                }
                return await group.reduce(into: [HTTPClientError?]()) { $0.append($1) }
            }
            #expect(errors.allSatisfy { $0 == .resolve } && errors.count == 4096)
        }
    }
}
