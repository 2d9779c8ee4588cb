import EventLoop
import Mesh
import MeshContract
import Synchronization

/// Calls of every kind, without end.
final class Load: Sendable {
    enum Target: CaseIterable { case pair, far, lone, steady }

    private static let deadline = Duration.seconds(8)

    let clients: [MeshClient]
    private let directory: MeshDirectory
    private let loops: [EventLoop]
    private let figures: Figures
    private let pausing = Mutex(false)
    private let busy = Atomic(0)

    init(_ directory: MeshDirectory, loops: [EventLoop], _ figures: Figures) {
        (self.directory, self.loops, self.figures) = (directory, loops, figures)
        clients = loops.map { MeshClient(SocketTransport(directory, on: $0), as: "soak") }
    }

    /// For as long as the process lives.
    func start(on targets: [Target]) {
        for (number, loop) in loops.enumerated() {
            let client = clients[number]
            for target in targets {
                switch target {
                case .pair: start(Pair.self, client, loop)
                case .far: start(Far.self, client, loop)
                case .lone: start(Lone.self, client, loop)
                case .steady: start(Steady.self, client, loop)
                }
            }
        }
    }

    private func start<S: MeshService>(_: S.Type, _ client: MeshClient, _ loop: EventLoop) {
        lane(on: loop, .milliseconds(2)) { await self.small(S.self, client) }
        lane(on: loop, .milliseconds(3)) { await self.small(S.self, client) }
        lane(on: loop, .milliseconds(4)) { await self.once(S.self, client) }
        lane(on: loop, .milliseconds(300)) { await self.large(S.self, client) }
        lane(on: loop, .milliseconds(20)) { await self.cancelled(S.self, client) }
        lane(on: loop, .milliseconds(20)) { await self.missed(S.self, client) }
        lane(on: loop, .milliseconds(500)) { await self.fresh(S.self, loop) }
        lane(on: loop, .zero) { await self.listen(S.self) }
    }

    private func lane(
        on loop: EventLoop, _ pause: Duration, _ step: @escaping @Sendable () async -> Void
    ) {
        // Ends with the process, as everything here.
        Task(executorPreference: loop) {
            while true {
                if !self.pausing.withLock({ $0 }) {
                    self.busy.wrappingAdd(1, ordering: .relaxed)
                    await step()
                    self.busy.wrappingSubtract(1, ordering: .relaxed)
                }
                try? await Task.sleep(for: max(pause, .milliseconds(1)))  // nobody cancels it
            }
        }
    }

    /// Lets what is under way end, and begins nothing.
    func pause() async {
        pausing.withLock { $0 = true }
        while busy.load(ordering: .relaxed) > 0 { try? await Task.sleep(for: .milliseconds(10)) }
    }

    func goOn() { pausing.withLock { $0 = false } }

    // MARK: The kinds

    private func timed<R>(_ what: String, _ body: () async -> R) async -> R {
        let began = ContinuousClock.now
        let result = await body()
        let took = began.duration(to: .now)
        if took > Self.deadline + .seconds(2) { figures.late(what, took) }
        return result
    }

    private func small<S: MeshService>(_: S.Type, _ client: MeshClient) async {
        await echo(S.self, client, [])
    }

    private func large<S: MeshService>(_: S.Type, _ client: MeshClient) async {
        await echo(
            S.self, client,
            [UInt8](repeating: .random(in: 0...255), count: .random(in: 100_000...3_000_000)))
    }

    /// May be repeated, and so has to succeed.
    private func echo<S: MeshService>(_: S.Type, _ client: MeshClient, _ bytes: [UInt8]) async {
        let number = Int.random(in: 0...1_000_000_000)
        await timed("\(S.name) echo") {
            do throws(Fault) {
                let reply = try await client.call(
                    Echo<S>(number: number, bytes: bytes), within: Self.deadline)
                guard reply.number == number, reply.bytes == bytes else {
                    return figures.surprise("\(S.name) answered something else")
                }
                figures.answered()
            } catch {
                figures.surprise("\(S.name) echo: \(error)")
            }
        }
    }

    /// Made once: it may be lost with its connection, and with nothing else.
    private func once<S: MeshService>(_: S.Type, _ client: MeshClient) async {
        await timed("\(S.name) take") {
            do throws(Fault) {
                _ = try await client.call(Take<S>(number: 1), within: Self.deadline)
                figures.answered()
            } catch {
                guard error.code == .unavailable, error.notExecuted == nil else {
                    return figures.surprise("\(S.name) take: \(error)")
                }
                figures.lost()
            }
        }
    }

    private func cancelled<S: MeshService>(_: S.Type, _ client: MeshClient) async {
        let call = Task {
            _ = try await client.call(Hold<S>(), within: Self.deadline)
        }
        try? await Task.sleep(for: .microseconds(.random(in: 0...6_000)))  // nobody cancels it
        call.cancel()
        if case .failure = await call.result { return figures.cancelled() }
        figures.surprise("\(S.name) held nothing")
    }

    private func missed<S: MeshService>(_: S.Type, _ client: MeshClient) async {
        do throws(Fault) {
            _ = try await client.call(Hold<S>(), within: .milliseconds(.random(in: 1...30)))
            figures.surprise("\(S.name) held nothing")
        } catch {
            figures.missed()
        }
    }

    /// A client that comes and goes.
    private func fresh<S: MeshService>(_: S.Type, _ loop: EventLoop) async {
        let transport = SocketTransport(directory, on: loop)
        defer { transport.close() }
        let client = MeshClient(transport, as: "soak")
        for _ in 0..<3 { await echo(S.self, client, []) }
    }

    /// A subscription that comes and goes.
    private func listen<S: MeshService>(_: S.Type) async {
        let figures = figures
        let reader = Task {
            let hints = try EventSubscription(Tick<S>.self, in: directory)
            await hints.forEach { _ in figures.heard() }
        }
        for _ in 0..<40 where !pausing.withLock({ $0 }) {
            try? await Task.sleep(for: .milliseconds(50))  // nobody cancels it
        }
        reader.cancel()
        _ = await reader.result
    }
}
