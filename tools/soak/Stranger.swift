import Glibc

/// A socket that says whatever it likes. Blocking, each wait a quarter of a second at most.
struct Stranger: ~Copyable {
    /// What a caller of req/rep says first (SP mappings for TCP and IPC).
    static let greeting: [UInt8] = [0, 0x53, 0x50, 0, 0, 0x30, 0, 0]

    private let descriptor: Int32
    private let isLocal: Bool

    /// Nil when nobody takes it.
    init?(_ url: String) {
        isLocal = url.hasPrefix("ipc://")
        descriptor = socket(
            isLocal ? AF_UNIX : AF_INET, Int32(SOCK_STREAM.rawValue | SOCK_CLOEXEC.rawValue), 0)
        guard descriptor >= 0 else { return nil }
        var time = timeval(tv_sec: 0, tv_usec: 250_000)
        for option in [SO_RCVTIMEO, SO_SNDTIMEO] {
            setsockopt(
                descriptor, SOL_SOCKET, option, &time, socklen_t(MemoryLayout<timeval>.size))
        }
        guard (isLocal ? Self.connectFile(descriptor, url) : Self.connectPort(descriptor, url)) == 0
        else { return nil }
    }

    deinit { close(descriptor) }

    /// False when the other side takes no more.
    @discardableResult
    func say(_ bytes: [UInt8]) -> Bool {
        var done = 0
        while done < bytes.count {
            let count = bytes[done...].withUnsafeBytes {
                send(descriptor, $0.baseAddress, $0.count, Int32(MSG_NOSIGNAL))
            }
            guard count > 0 else { return false }
            done += count
        }
        return true
    }

    /// Throws away what has come, up to so many bytes.
    func skip(_ count: Int = 4_096) {
        var buffer = [UInt8](repeating: 0, count: count)
        _ = recv(descriptor, &buffer, count, Int32(MSG_DONTWAIT))
    }

    /// A message's frame; `length` is what it says of itself.
    func frame(_ body: [UInt8], length: UInt64? = nil) -> [UInt8] {
        let length = (length ?? UInt64(body.count)).bigEndian
        return (isLocal ? [1] : []) + withUnsafeBytes(of: length) { Array($0) } + body
    }

    private static func connectFile(_ descriptor: Int32, _ url: String) -> Int32 {
        var address = sockaddr_un()
        address.sun_family = sa_family_t(AF_UNIX)
        withUnsafeMutableBytes(of: &address.sun_path) { $0.copyBytes(from: url.dropFirst(6).utf8) }
        return withUnsafePointer(to: address) { raw in
            raw.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                connect(descriptor, $0, socklen_t(MemoryLayout<sockaddr_un>.size))
            }
        }
    }

    private static func connectPort(_ descriptor: Int32, _ url: String) -> Int32 {
        var address = sockaddr_in()
        address.sin_family = sa_family_t(AF_INET)
        address.sin_port = in_port_t(url.split(separator: ":").last ?? "")?.bigEndian ?? 0
        address.sin_addr.s_addr = UInt32(0x7F00_0001).bigEndian
        return withUnsafePointer(to: address) { raw in
            raw.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                connect(descriptor, $0, socklen_t(MemoryLayout<sockaddr_in>.size))
            }
        }
    }
}

/// A call as its bytes, for those who prove nothing.
enum Envelope {
    static func echo(to service: String, of count: Int) -> [UInt8] {
        var arguments = head(5, 2) + text("number") + [1] + text("bytes")
        arguments += head(2, count) + [UInt8](repeating: 7, count: count)
        var bytes: [UInt8] = [0x80, 0, 0, 1] + head(5, 5)
        bytes += [1] + text("echo") + [2] + text("soak") + [3] + text("hostile")
        bytes += [5] + head(0, 30_000) + [6] + head(2, arguments.count) + arguments
        return bytes
    }

    private static func text(_ text: String) -> [UInt8] { head(3, text.utf8.count) + text.utf8 }

    /// The head of a CBOR item (RFC 8949, 3).
    private static func head(_ major: UInt8, _ value: Int) -> [UInt8] {
        let kind = major << 5
        switch value {
        case ..<24: return [kind | UInt8(value)]
        case ..<256: return [kind | 24, UInt8(value)]
        case ..<65_536: return [kind | 25, UInt8(value >> 8), UInt8(value & 255)]
        default: return [kind | 26] + withUnsafeBytes(of: UInt32(value).bigEndian) { Array($0) }
        }
    }
}
