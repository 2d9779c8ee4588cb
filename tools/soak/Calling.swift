import EventLoop
import Glibc
import Mesh

/// A process that calls, and is killed while it does.
enum Calling {
    /// Calls the steady service until it is killed, or `parent` is gone.
    static func run(at folder: String, parent: String) async throws {
        let load = Load(Place(folder).directory, loops: [EventLoop()], Figures())
        load.start(on: [.steady])
        while "\(getppid())" == parent { try await Task.sleep(for: .milliseconds(500)) }
    }
}
