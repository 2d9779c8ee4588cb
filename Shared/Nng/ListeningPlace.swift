import CNng
import Glibc

/// Where an answerer listens, and that somebody goes on listening there.
///
/// libnng 1.5.2 stops for good to hand over connections when one peer closes before it has been
/// greeted: writing to it fails with EPIPE, which libnng takes for the end of its own listener. On
/// ipc a look at whether anybody listens is enough to do that. So the errors of the listener are
/// watched there, and after one another listener takes its place; the connections of the first stay.
///
/// libnng also removes the file at its path when a listener is closed, whoever's it is by then, and
/// what stands in its way when it begins. Hence each listener has a path of its own, and is moved to
/// its place when it listens.
///
/// Unchecked: the loop's thread only, after it has been made and until it is closed.
final class ListeningPlace: @unchecked Sendable {
    /// Listeners that were replaced and have connections still.
    private static let mostRetired = 16

    private let socket: nng_socket
    private let url: String
    /// The socket's file; nil on tcp.
    private let path: String?
    private var current = nng_listener()
    private var retired: [nng_listener] = []
    /// The file that is ours to remove.
    private var file: ino_t = 0
    private var errors: UInt64 = 0
    private var next = 0

    init(_ url: String, _ socket: nng_socket) throws(NngError) {
        (self.url, self.socket) = (url, socket)
        path = url.hasPrefix("ipc://") ? String(url.dropFirst("ipc://".count)) : nil
        if let path { try Self.refuseTaken(path, url) }
        try listen()
    }

    /// True where errors of the listener have to be watched.
    var isWatched: Bool { path != nil }

    /// To be called now and then: puts another listener into the place of one that had an error.
    func watch() {
        let figures = Figures.listeners()
        for listener in retired where figures[listener.id].map({ $0.connections == 0 }) ?? true {
            nng_listener_close(listener)
        }
        retired.removeAll { figures[$0.id].map { $0.connections == 0 } ?? true }
        guard let errors = figures[current.id]?.errors, errors != self.errors else { return }
        let old = current
        // No memory or descriptor: at the next look.
        guard (try? listen()) != nil else { return }
        retired.append(old)
        if retired.count > Self.mostRetired { nng_listener_close(retired.removeFirst()) }
    }

    /// Removes the socket's file: another may listen there.
    func leave() {
        var status = stat()
        if let path, lstat(path, &status) == 0, status.st_ino == file { unlink(path) }
    }

    /// Nobody listens any more, and every connection ends.
    func close() {
        for listener in retired { nng_listener_close(listener) }
        retired = []
        nng_listener_close(current)
    }

    private func listen() throws(NngError) {
        next += 1
        let draft = path.map { "\($0).\(next)" }
        let spot = draft.map { "ipc://\($0)" } ?? url
        var made = nng_listener()
        try NngError.check(nng_listener_create(&made, socket, spot), "listen on \(url)")
        do throws(NngError) {
            try open(made)
            if let path, let draft { try move(draft, to: path) }
        } catch {
            nng_listener_close(made)
            throw error
        }
        (current, errors) = (made, 0)
    }

    private func open(_ listener: nng_listener) throws(NngError) {
        if path != nil {
            // Before the socket can be connected to, so that nobody else does.
            try NngError.check(
                nng_listener_set_int(listener, NNG_OPT_IPC_PERMISSIONS, 0o600),
                "close \(url) to others")
        } else {
            try NngError.check(
                nng_listener_set_bool(listener, NNG_OPT_TCP_KEEPALIVE, true),
                "keep its connections alive")
        }
        try NngError.check(nng_listener_start(listener, 0), "listen on \(url)")
    }

    private func move(_ draft: String, to path: String) throws(NngError) {
        var status = stat()
        guard lstat(draft, &status) == 0, rename(draft, path) == 0 else {
            throw NngError(code: Int32(NNG_ESYSERR.rawValue) + errno, doing: "listen on \(url)")
        }
        file = status.st_ino
    }

    /// Only the socket file of a process that is gone may be replaced.
    private static func refuseTaken(_ path: String, _ url: String) throws(NngError) {
        var status = stat()
        guard lstat(path, &status) == 0 else { return }
        let taken = NngError(code: Int32(NNG_EADDRINUSE.rawValue), doing: "listen on \(url)")
        var name = sockaddr_un()
        guard status.st_mode & S_IFMT == S_IFSOCK,
            path.utf8.count < MemoryLayout.size(ofValue: name.sun_path)
        else { throw taken }
        name.sun_family = sa_family_t(AF_UNIX)
        withUnsafeMutableBytes(of: &name.sun_path) { $0.copyBytes(from: path.utf8) }
        let probe = Glibc.socket(AF_UNIX, Int32(SOCK_STREAM.rawValue | SOCK_CLOEXEC.rawValue), 0)
        guard probe >= 0 else { throw taken }
        defer { Glibc.close(probe) }
        let result = withUnsafePointer(to: name) { raw in
            raw.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                connect(probe, $0, socklen_t(MemoryLayout<sockaddr_un>.size))
            }
        }
        guard result != 0, errno == ECONNREFUSED else { throw taken }
    }
}
