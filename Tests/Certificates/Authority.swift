import Glibc
import Synchronization

/// A certificate and its key, as files.
public struct Certificate: Sendable {
    public let certificate: String
    public let key: String

    public init(certificate: String, key: String) {
        (self.certificate, self.key) = (certificate, key)
    }
}

/// A certification authority of a test's own, made by `deploy/mesh-certificates`.
public final class Authority: Sendable {
    struct Failure: Error, CustomStringConvertible { let description: String }

    /// For localhost and 127.0.0.1, made once in the process.
    public static var shared: (Authority, Certificate) {
        get async throws { try await made.value }
    }

    private static let made = Task { try await aside { try now.get() } }

    /// The same for those who cannot wait otherwise.
    public static let now = Result {
        let authority = try Authority()
        return (authority, try authority.issue("localhost", "127.0.0.1"))
    }

    /// What everything of this process is in.
    private static let folder: String = {
        var template = Array("/tmp/atelier-certificates-XXXXXX".utf8CString)
        guard mkdtemp(&template) != nil else { return "/tmp" }
        let made = String(decoding: template.dropLast().map(UInt8.init(bitPattern:)), as: UTF8.self)
        leftBehind.withLock { $0 = made }
        atexit {
            let folder = leftBehind.withLock(\.self)
            guard folder.hasPrefix("/tmp/atelier-certificates-") else { return }
            _ = try? run(["/bin/rm", "-rf", folder])
        }
        return made
    }()

    private let folder: String
    /// One certificate is made at a time.
    private let turn = Mutex(())
    /// The PEM file of those who trust it.
    public let file: String

    /// Blocks while nothing is made yet but a name.
    public init() throws {
        folder = "\(Self.folder)/\(UInt64.random(in: 0 ... .max))"
        file = "\(folder)/authority.pem"
    }

    /// A certificate for a host of these names and addresses. Blocks for some tens of milliseconds.
    public func issue(_ names: String..., days: Int = 30) throws -> Certificate {
        try turn.withLock { _ in try make(names, days) }
    }

    private func make(_ names: [String], _ days: Int) throws -> Certificate {
        let root = #filePath.split(separator: "/").dropLast(3).joined(separator: "/")
        let script = "/\(root)/deploy/mesh-certificates"
        let output = try run([
            "/usr/bin/env", "DAYS=\(days)", script, folder, names.joined(separator: ","),
        ])
        let path = "\(folder)/\(names[0])"
        guard access("\(path).pem", R_OK) == 0 else { throw Failure(description: output) }
        // The next one for the same host leaves these alone.
        let kept = "\(path)-\(UInt64.random(in: 0 ... .max))"
        guard rename("\(path).pem", "\(kept).pem") == 0, rename("\(path).key", "\(kept).key") == 0
        else { throw Failure(description: "rename \(path)") }
        return Certificate(certificate: "\(kept).pem", key: "\(kept).key")
    }
}

private let leftBehind = Mutex("")

/// Runs a program to its end and gives what it said.
@discardableResult
public func run(_ words: [String]) throws -> String {
    var ends: [Int32] = [0, 0]
    let kind = Int32(SOCK_STREAM.rawValue | SOCK_CLOEXEC.rawValue)
    guard socketpair(AF_UNIX, kind, 0, &ends) == 0 else {
        throw Authority.Failure(description: "no pipe")
    }
    defer { close(ends[0]) }
    var actions = posix_spawn_file_actions_t()
    posix_spawn_file_actions_init(&actions)
    defer { posix_spawn_file_actions_destroy(&actions) }
    posix_spawn_file_actions_adddup2(&actions, ends[1], 1)
    posix_spawn_file_actions_adddup2(&actions, ends[1], 2)
    var child = pid_t()
    var raw = words.map { strdup($0) } + [nil]
    defer { for word in raw { free(word) } }
    let failure = posix_spawn(&child, words[0], &actions, nil, &raw, environ)
    close(ends[1])
    guard failure == 0 else { throw Authority.Failure(description: "\(words[0]): \(failure)") }
    var output: [UInt8] = []
    var buffer = [UInt8](repeating: 0, count: 4_096)
    while case let count = read(ends[0], &buffer, buffer.count), count > 0 {
        output += buffer[..<count]
    }
    var status: Int32 = 0
    waitpid(child, &status, 0)
    let text = String(decoding: output, as: UTF8.self)
    guard status == 0 else { throw Authority.Failure(description: "\(words): \(text)") }
    return text
}

/// Runs what blocks on a thread of its own.
public func aside<T: Sendable>(_ body: @escaping @Sendable () throws -> T) async throws -> T {
    try await withCheckedThrowingContinuation { waiter in
        let box = Unmanaged.passRetained(Work { waiter.resume(with: Result { try body() }) })
        var thread = pthread_t()
        pthread_create(&thread, nil, runWork, box.toOpaque())
        pthread_detach(thread)
    }
}

private final class Work: Sendable {
    let body: @Sendable () -> Void
    init(_ body: @escaping @Sendable () -> Void) { self.body = body }
}

private func runWork(_ raw: UnsafeMutableRawPointer?) -> UnsafeMutableRawPointer? {
    guard let raw else { return nil }
    Unmanaged<Work>.fromOpaque(raw).takeRetainedValue().body()
    return nil
}
