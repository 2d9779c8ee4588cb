import Crypto
import MeshContract
import Synchronization
import Testing

@testable import Identity

@Suite("Issuers that are slow", .timeLimit(.minutes(1)))
struct SlowTests {
    /// Answers when it is let, and not to whoever has gone.
    private final class HeldProvider: ProviderAsking {
        private let keys: String
        private let asked = AsyncStream<Void>.makeStream()
        private let door = AsyncStream<Void>.makeStream()
        private let count = Mutex(0)

        init(_ keys: String) { self.keys = keys }

        var times: Int { count.withLock { $0 } }

        /// Returns once it was asked.
        func wasAsked() async { for await _ in asked.stream { return } }

        func release() { door.continuation.finish() }

        func ask(_ request: ProviderRequest) async throws(Fault) -> ProviderReply {
            count.withLock { $0 += 1 }
            asked.continuation.yield()
            for await _ in door.stream {}
            guard !Task.isCancelled else { throw Fault(.upstream, "whoever asked has gone") }
            return ProviderReply(status: 200, body: Array(keys.utf8))
        }
    }

    /// Takes its time, and then fails.
    private struct HangingProvider: ProviderAsking {
        let clock: Clock
        let asked = ScriptedProvider()

        func ask(_ request: ProviderRequest) async throws(Fault) -> ProviderReply {
            clock.advance(12)
            _ = try await asked.ask(request)
            throw Fault(.upstream, "nobody there")
        }
    }

    private let signer = Signer(id: "one")
    private let clock = Clock()

    private func keys(
        _ asking: any ProviderAsking, pace: IssuerKeys.Pace = .init()
    ) -> IssuerKeys {
        IssuerKeys(issuer: issuerURL, keysURL: keysURL, asking: asking, pace: pace) {
            [clock] in clock.now
        }
    }

    @Test("after a failure is waited from when it failed, however long that took")
    func pause() async throws {
        let provider = HangingProvider(clock: clock)
        let keys = keys(provider)
        let token = try #require(UnverifiedJWT(signer.sign(claims())))
        for _ in 1...3 {
            await #expect { try await keys.keys(for: token) } throws: {
                ($0 as? Fault)?.code == .unavailable
            }
        }
        #expect(provider.asked.asked.count == 1)
        clock.advance(5)
        _ = try? await keys.keys(for: token)
        #expect(provider.asked.asked.count == 2)
    }

    @Test("who asked first may go: it hears so at once, and the others still get the keys")
    func gone() async throws {
        let provider = HeldProvider(Signer.set(signer))
        let keys = keys(provider)
        let token = try #require(UnverifiedJWT(signer.sign(claims())))
        let first = Task { try await keys.keys(for: token).count }
        await provider.wasAsked()
        let second = Task { try await keys.keys(for: token).count }
        first.cancel()
        await #expect { try await first.value } throws: {
            ($0 as? Fault)?.code == .unavailable
        }
        provider.release()
        #expect(try await second.value == 1)
        #expect(try await keys.keys(for: token).count == 1)
        #expect(provider.times == 1)
    }

    @Test("nobody waits for an issuer longer than their turn")
    func patience() async throws {
        let provider = HeldProvider(Signer.set(signer))
        let keys = keys(provider, pace: .init(patience: 0))
        let token = try #require(UnverifiedJWT(signer.sign(claims())))
        for _ in 1...3 {
            await #expect { try await keys.keys(for: token) } throws: {
                ($0 as? Fault)?.code == .unavailable
            }
        }
        await provider.wasAsked()
        #expect(provider.times == 1)
        provider.release()
    }
}
