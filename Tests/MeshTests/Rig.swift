import Certificates
import EventLoop
import FoundationEssentials
import Glibc
import Log
import MeshContract
import SP
import Synchronization
import Testing

@testable import Mesh

/// The ways in which a call can travel: within the process, by our own loop, by libnng, and with one
/// of them on each side.
enum Way: String, CaseIterable, Codable, CustomTestStringConvertible {
    case loopback, ipc, tcp, tls
    case nngIpc = "ipc by libnng"
    case nngTcp = "tcp by libnng"
    case nngCalled = "ipc, our loop to libnng"
    case nngCalls = "tcp, libnng to our loop"
    var testDescription: String { rawValue }

    static let tested = allCases.filter { $0.isLibrary == Library.isTested }
    static let sockets = tested.filter { $0 != .loopback }
    /// Those of our own loop alone, where bytes can be looked at.
    static let loops: [Way] = [.ipc, .tcp]
    /// The same, and where they cannot.
    static let wires: [Way] = [.ipc, .tcp, .tls]
    /// Where callers have to prove who they are.
    static let network = tested.filter { [.tcp, .tls, .nngTcp].contains($0) }
    /// Where the place is a port, and where it is a file.
    static let ports = tested.filter { [.tcp, .nngTcp].contains($0) }
    static let files = tested.filter { [.ipc, .nngIpc].contains($0) }

    /// With libnng on one side or both.
    var isLibrary: Bool { calling == .nng || serving == .nng }
    var isFile: Bool { self == .ipc || self == .nngIpc || self == .nngCalled }
    var isNetwork: Bool { self != .loopback && !isFile }
    var calling: Carrier { self == .nngIpc || self == .nngTcp || self == .nngCalls ? .nng : .loop }
    var serving: Carrier {
        self == .nngIpc || self == .nngTcp || self == .nngCalled ? .nng : .loop
    }
}

/// libnng has state of the whole process, and what one test breaks in it (docs/DECISIONS.md) others find
/// broken: its tests have processes of their own, by `tools/nng-tests`, and every other test none of it.
enum Library {
    static let isTested = ProcessInfo.processInfo.environment["ATELIER_TEST_LIBNNG"] == "1"
}

extension Carrier {
    static let tested: [Carrier] = Library.isTested ? [.nng] : [.loop]
}

/// One way, a place on it for each service, and an end for all of it.
final class Rig: Sendable {
    let way: Way
    let loop = EventLoop()
    let callerLoop = EventLoop()
    let log = Log("test", level: .error, sink: { _ in })
    let directory: MeshDirectory
    let keys: TestKeys
    let tls: MeshTLS?
    private let folder: String
    private let loopback = Loopback()
    private let transports = Mutex<[SocketTransport]>([])
    private let listening = Mutex<[String: Listening]>([:])

    init(_ way: Way) throws {
        self.way = way
        folder = try scratchFolder()
        var overrides: [String: String] = [:]
        if way.isNetwork {
            let scheme = way == .tls ? "tls+tcp" : "tcp"
            for name in [Lab.name, Relay.name] {
                overrides[name] = "\(scheme)://127.0.0.1:\(try freePort())"
            }
        }
        keys = TestKeys(folder: folder)
        tls = way == .tls ? try testTLS() : nil
        directory = MeshDirectory(folder: folder, overrides: overrides, carrier: way.calling)
    }

    deinit {
        for transport in transports.withLock({ $0 }) { transport.close() }
        for one in listening.withLock({ $0 }).values { one.listener.close() }
        loop.stop()
        callerLoop.stop()
        removeFolder(folder)
    }

    var url: String { directory.calls(to: Lab.name) }
    /// The socket's file, on ipc.
    var file: String { String(url.dropFirst("ipc://".count)) }

    func serve(_ routes: Routes, limit: Int = 4_096) throws {
        try serve(MeshServer(routes, log: log, limit: limit))
    }

    func serve(_ server: MeshServer) throws {
        guard way != .loopback else { return loopback.add(server) }
        let one = try again {
            try server.listen(
                at: directory.calls(to: server.service), on: loop, carrier: way.serving,
                as: identity(server.service))
        }
        listening.withLock { $0[server.service] = one }
    }

    /// A connection of its own.
    func client(as caller: String = "test") -> MeshClient {
        guard way != .loopback else { return MeshClient(loopback, as: caller) }
        let directory = directory.identified(as: identity(caller))
        let transport = SocketTransport(directory, on: callerLoop)
        transports.withLock { $0.append(transport) }
        return MeshClient(transport, as: caller)
    }

    /// Whom a name's owner is on the network; nil where nobody asks.
    func identity(_ name: String) -> MeshIdentity? {
        guard way.isNetwork else { return nil }
        keys.ensure(name)
        return keys.identity(name, tls: tls)
    }

    /// How many introductions the lab has believed.
    var welcomed: Int { listening.withLock { $0[Lab.name]?.gate?.welcomed ?? 0 } }

    /// As if the process had died.
    func kill(_ service: String = Lab.name) async {
        listening.withLock { $0.removeValue(forKey: service) }?.listener.close()
        // Its loop has come by, so that its place is free.
        await withCheckedContinuation { done in loop.performLater { done.resume() } }
        // libnng's port is free when its connections have ended.
        guard way.serving == .nng, let port = Int(url.split(separator: ":").last ?? "") else {
            return
        }
        #expect(await eventually { isFree(port: port) })
    }

    func stop(within time: Duration) async {
        await listening.withLock { $0.removeValue(forKey: Lab.name) }?.stop(within: time)
    }

    /// Connections end as if the caller had died.
    func killCallers() {
        for transport in transports.withLock({ $0 }) { transport.close() }
    }
}

/// Certificates for 127.0.0.1, at both ends.
func testTLS() throws -> MeshTLS {
    let (authority, host) = try Authority.now.get()
    return try MeshTLS(
        MeshTLS.Files(
            certificate: host.certificate, key: host.key, authority: authority.file)
    ) { _ in }
}

func scratchFolder() throws -> String {
    var template = Array("/tmp/mesh-XXXXXX".utf8CString)
    try #require(mkdtemp(&template) != nil)
    return String(decoding: template.dropLast().map { UInt8(bitPattern: $0) }, as: UTF8.self)
}

func removeFolder(_ folder: String) {
    guard let handle = opendir(folder) else { return }
    while let entry = readdir(handle) {
        let name = withUnsafeBytes(of: entry.pointee.d_name) { raw in
            String(decoding: raw.prefix { $0 != 0 }, as: UTF8.self)
        }
        if name != "." && name != ".." { unlink("\(folder)/\(name)") }
    }
    closedir(handle)
    rmdir(folder)
}

/// A port of nobody's: below those that the system gives to callers, each handed out once.
func freePort() throws -> Int {
    for _ in 0..<1_000 {
        let port = nextPort.withLock { port in
            port = port < 32_000 ? port + 1 : 20_000
            return port
        }
        if isFree(port: port) { return port }
    }
    throw NoPort()
}

func isFree(port: Int) -> Bool {
    let descriptor = socket(AF_INET, Int32(SOCK_STREAM.rawValue | SOCK_CLOEXEC.rawValue), 0)
    defer { close(descriptor) }
    var on: Int32 = 1
    setsockopt(descriptor, SOL_SOCKET, SO_REUSEADDR, &on, 4)
    var address = sockaddr_in()
    address.sin_family = sa_family_t(AF_INET)
    address.sin_addr.s_addr = inet_addr("127.0.0.1")
    address.sin_port = UInt16(port).bigEndian
    let result = withUnsafeMutablePointer(to: &address) { raw in
        raw.withMemoryRebound(to: sockaddr.self, capacity: 1) {
            bind(descriptor, $0, socklen_t(MemoryLayout<sockaddr_in>.size))
        }
    }
    return result == 0
}

struct NoPort: Error {}

private let nextPort = Mutex(Int.random(in: 20_000..<32_000))
