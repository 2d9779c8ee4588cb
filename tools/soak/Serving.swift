import EventLoop
import Glibc
import Lifecycle
import Log
import Mesh
import MeshContract

/// A process that answers.
enum Serving {
    /// Until it is told to end, or `parent` is gone.
    static func run(
        _ service: String, at url: String, hints: String, parent: String, folder: String
    ) async throws {
        Signals.catchAll()
        switch service {
        case Pair.name: try await serve(Pair.self, url, hints, parent, at: folder)
        case Far.name: try await serve(Far.self, url, hints, parent, at: folder)
        case Lone.name: try await serve(Lone.self, url, hints, parent, at: folder)
        default: try await serve(Steady.self, url, hints, parent, at: folder)
        }
    }

    private static func serve<S: MeshService>(
        _: S.Type, _ url: String, _ hints: String, _ parent: String, at folder: String
    ) async throws {
        let log = Log("soak", level: .error)
        let loop = EventLoop()
        let routes = Routes(
            Contract(S.self, Echo<S>.self, Take<S>.self, Hold<S>.self),
            { @Sendable request, _ in Echo<S>.Reply(number: request.number, bytes: request.bytes) },
            { @Sendable _, _ in
                await Task.yield()
                return Done()
            },
            { @Sendable _, _ in
                try await Task.sleep(for: .seconds(30))
                return Done()
            })
        // Who was killed a moment ago may still hold the place.
        let listening = try await again {
            try MeshServer(routes, log: log).listen(
                at: url, on: loop, as: Place(folder).identity(S.name))
        }
        let publisher = try await again { try SocketPublisher(listening: hints, log: log) }
        let ticking = Task {
            for number in 1... {
                publisher.publish(Tick<S>(number: number))
                try await Task.sleep(for: .milliseconds(5))
                if "\(getppid())" != parent { exit(0) }
            }
        }
        for await _ in Signals.stream() { break }
        await listening.stop(within: .seconds(3))
        ticking.cancel()
    }

    private static func again<R>(_ body: () throws -> R) async throws -> R {
        for _ in 0..<100 {
            if let result = try? body() { return result }
            try await Task.sleep(for: .milliseconds(10))
        }
        return try body()
    }
}
