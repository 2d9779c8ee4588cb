import Dispatch
import Glibc

/// A program that runs beside a test, such as a fake provider, and ends with this object.
public final class BackgroundProgram: Sendable {
    /// The first line that it wrote: by custom, the port it listens on.
    public let firstLine: String
    private let process: pid_t

    /// Starts `path` and waits for its first line, `patience` at most.
    public static func start(
        _ path: String, _ arguments: [String], environment: [String: String],
        patience: Duration = .seconds(20)
    ) async throws -> BackgroundProgram {
        try await withCheckedThrowingContinuation { continuation in
            DispatchQueue.global().async {
                continuation.resume(
                    with: Swift.Result {
                        try BackgroundProgram(path, arguments, environment, patience)
                    })
            }
        }
    }

    private init(
        _ path: String, _ arguments: [String], _ environment: [String: String],
        _ patience: Duration
    ) throws {
        let (process, output) = try Program.spawn(path, arguments, environment: environment)
        self.process = process
        defer { close(output) }
        var line: [UInt8] = []
        var byte: UInt8 = 0
        let deadline = ContinuousClock.now + patience
        while ContinuousClock.now < deadline {
            let count = Glibc.read(output, &byte, 1)
            if count == 1 && byte == 10 { break }
            if count == 1 { line.append(byte) }
            if count == 0 { break }
            if count < 0 { usleep(1_000) }
        }
        firstLine = String(decoding: line, as: UTF8.self)
        guard !firstLine.isEmpty else {
            end()
            throw LiveStack.Failure(description: "\(path) said nothing")
        }
    }

    deinit { end() }

    private func end() {
        kill(process, SIGKILL)
        var status: Int32 = 0
        waitpid(process, &status, 0)
    }
}
