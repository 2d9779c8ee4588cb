import Curl
import EventLoop
import Glibc
import Testing

/// The fake providers of the conformance tests, as a process of its own that goes with this one.
final class FakeProviders: Sendable {
    /// Started at first use, for all tests; nil where there is no Python.
    static let shared = FakeProviders()
    static let absence: Comment = "python3 or Tests/Conformance/fake_providers.py is missing"

    let url: String
    /// The process reads until this is closed, which it is when this process ends, however it does.
    private let leash: Int32

    private init?() {
        var script = #filePath.split(separator: "/").dropLast(2).joined(separator: "/")
        script = "/\(script)/Conformance/fake_providers.py"
        guard access(script, R_OK) == 0 else { return nil }
        var input: [Int32] = [0, 0]
        var output: [Int32] = [0, 0]
        guard pipe(&input) == 0, pipe(&output) == 0 else { return nil }
        for end in input + output { _ = fcntl(end, F_SETFD, FD_CLOEXEC) }
        let command =
            "python3 \"$1\" </dev/null 2>/dev/null & child=$!; cat >/dev/null; kill $child"
        let started = Self.spawn(
            ["/bin/sh", "-c", command, "sh", script], input: input[0], output: output[1])
        close(input[0])
        close(output[1])
        defer { close(output[0]) }
        leash = input[1]
        guard started, let port = Self.number(from: output[0]) else {
            close(input[1])
            return nil
        }
        url = "http://127.0.0.1:\(port)"
    }

    private static func spawn(_ words: [String], input: Int32, output: Int32) -> Bool {
        var actions = posix_spawn_file_actions_t()
        posix_spawn_file_actions_init(&actions)
        defer { posix_spawn_file_actions_destroy(&actions) }
        posix_spawn_file_actions_adddup2(&actions, input, 0)
        posix_spawn_file_actions_adddup2(&actions, output, 1)
        // A thread of the shared pool has its signals blocked, and a child would inherit that.
        var attributes = posix_spawnattr_t()
        posix_spawnattr_init(&attributes)
        defer { posix_spawnattr_destroy(&attributes) }
        var none = sigset_t()
        sigemptyset(&none)
        posix_spawnattr_setsigmask(&attributes, &none)
        posix_spawnattr_setflags(&attributes, Int16(POSIX_SPAWN_SETSIGMASK))
        let arguments = words.map { strdup($0) } + [nil]
        defer { for argument in arguments { free(argument) } }
        var process = pid_t()
        return posix_spawn(&process, words[0], &actions, &attributes, arguments, environ) == 0
    }

    /// The first line, which is a number; nil when there is none in time.
    private static func number(from descriptor: Int32) -> Int? {
        var digits: [UInt8] = []
        var wait = pollfd(fd: descriptor, events: Int16(POLLIN), revents: 0)
        while poll(&wait, 1, 20_000) == 1 {
            var byte: UInt8 = 0
            guard read(descriptor, &byte, 1) == 1, byte != 10 else { break }
            digits.append(byte)
        }
        return Int(String(decoding: digits, as: UTF8.self))
    }

    /// Settings that reach all three dialects here. `key` tells callers apart, and is a secret.
    func settings(key: String, _ more: [String: String] = [:]) -> [String: String] {
        [
            "ANTHROPIC_API_KEY": key, "ANTHROPIC_BASE_URL": url, "OPENAI_API_KEY": key,
            "OPENAI_BASE_URL": url + "/v1", "OLLAMA_URL": url, "ATELIER_OFFLINE_PACE_US": "0",
        ].merging(more) { $1 }
    }

    /// How often clients have gone away in the middle.
    func aborted(on loop: EventLoop) async throws -> Int {
        let response = try await HTTPClient(on: loop).send(ClientRequest(url: url + "/_/stats"))
        let text = String(decoding: response.body, as: UTF8.self)
        let digits = text.split(separator: "\"aborted\": ").last?.prefix { $0.isNumber }
        return digits.flatMap { Int($0) } ?? 0
    }
}
