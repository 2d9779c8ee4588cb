import EventLoop
import Log
import Mesh
import MeshContract
import SP
import TLS

/// The two ends of a measured way.
enum Ends {
    struct NoAddress: Error {}

    /// Listens until the process is ended.
    static func serve(_ layer: String, at url: String, on loop: EventLoop) async throws {
        guard let address = SPAddress(url) else { throw NoAddress() }
        if layer == "sp" {
            var limits = SPListener.Limits()
            limits.calls = 20_000
            let tls = try Trust.context(.server, at: url)
            let listener = try SPListener(address, on: loop, limits: limits, tls: tls) { body, _ in
                body
            }
            say("ready")
            try await Task.sleep(for: .seconds(86_400))
            listener.close()
        } else {
            let server = MeshServer(routes, log: Log("bench"), limit: 20_000)
            try Trust.makeKeys()
            let listening = try server.listen(
                at: url, on: loop, carrier: carrier(layer),
                as: Trust.identity(Bench.name, at: url))
            say("ready")
            try await Task.sleep(for: .seconds(86_400))
            await listening.stop()
        }
    }

    private static var routes: Routes {
        Routes(Bench.contract, echo, burn, burnApart)
    }

    @Sendable private static func echo(_ request: Echo, _ call: Call) async throws -> Echo.Reply {
        Echo.Reply(body: request.body)
    }

    @Sendable private static func burn(_ request: Burn, _ call: Call) async throws -> Done {
        let time = request.milliseconds
        if request.onPool {
            await withTaskExecutorPreference(globalConcurrentExecutor) { use(milliseconds: time) }
        } else {
            use(milliseconds: time)
        }
        return Done()
    }

    @Sendable private static func burnApart(
        _ request: BurnApart, _ call: Call
    ) async throws -> Done {
        use(milliseconds: request.milliseconds)
        return Done()
    }

    /// `numbers`: bytes of a request, calls in flight, seconds.
    static func call(
        _ layer: String, at url: String, _ numbers: [Double], on loop: EventLoop
    ) async throws {
        guard let address = SPAddress(url), numbers.count == 3 else { throw NoAddress() }
        let body = [UInt8](repeating: 1, count: Int(numbers[0]))
        let lap = Lap(seconds: numbers[2])
        if layer == "sp" {
            let trust = SPTrust(tls: try Trust.context(.client, at: url))
            let peer = SPPeer(address, on: loop, trust: trust)
            try await lanes(Int(numbers[1]), lap, on: loop) {
                try await peer.call(body, within: .seconds(10)).count
            }
        } else {
            let mesh = try client(at: url, on: loop, carrier(layer))
            try await lanes(Int(numbers[1]), lap, on: loop) {
                try await mesh.call(Echo(body: body)).body.count
            }
        }
        lap.report()
    }

    private static func carrier(_ layer: String) -> Carrier { layer == "mesh-nng" ? .nng : .loop }

    static func client(
        at url: String, on loop: EventLoop, _ carrier: Carrier = .loop
    ) throws -> MeshClient {
        let directory = MeshDirectory(
            folder: "/nowhere", overrides: [Bench.name: url], carrier: carrier,
            identity: try Trust.identity(Trust.caller, at: url))
        return MeshClient(SocketTransport(directory, on: loop), as: Trust.caller)
    }

    static func lanes(
        _ count: Int, _ lap: Lap, on loop: EventLoop,
        _ call: @escaping @Sendable () async throws -> Int
    ) async throws {
        try await withThrowingTaskGroup(of: Void.self) { group in
            for _ in 0..<count {
                group.addTask(executorPreference: loop) {
                    var sent = monotonic()
                    while true {
                        _ = try await call()
                        let now = monotonic()
                        guard lap.note(sent, now) else { return }
                        sent = now
                    }
                }
            }
            try await group.waitForAll()
        }
    }
}
