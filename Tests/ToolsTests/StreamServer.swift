import Glibc
import Synchronization

/// A server of one blocking thread, which answers each connection as a test says.
final class StreamServer: Sendable {
    typealias Script = @Sendable (_ number: Int, _ peer: Peer) -> Void

    /// One request and its answer.
    struct Peer {
        let descriptor: Int32
        let request: String

        func write(_ text: String) {
            var bytes = Array(text.utf8)[...]
            while !bytes.isEmpty {
                let count = bytes.withUnsafeBytes {
                    send(descriptor, $0.baseAddress, $0.count, Int32(MSG_NOSIGNAL))
                }
                guard count > 0 else { return }
                bytes = bytes.dropFirst(count)
            }
        }

        /// Begins an event stream that ends with the connection.
        func stream(_ text: String) {
            write("HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\n\r\n\(text)")
        }

        func answer(_ status: Int, _ body: String = "") {
            write("HTTP/1.1 \(status) X\r\nContent-Length: \(body.utf8.count)\r\n\r\n\(body)")
        }
    }

    let port: Int
    private let listener: Int32
    private let script: Script
    private let seen = Mutex<[String]>([])

    var requests: [String] { seen.withLock { $0 } }

    init(_ script: @escaping Script) throws {
        listener = socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
        var address = sockaddr_in()
        address.sin_family = sa_family_t(AF_INET)
        address.sin_addr.s_addr = UInt32(0x7f00_0001).bigEndian
        var size = socklen_t(MemoryLayout<sockaddr_in>.size)
        let listener = listener
        let bound = withUnsafeMutablePointer(to: &address) { pointer in
            pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                bind(listener, $0, size) == 0 && listen(listener, 8) == 0
                    && getsockname(listener, $0, &size) == 0
            }
        }
        guard bound else { throw Refused() }
        port = Int(UInt16(bigEndian: address.sin_port))
        self.script = script
        var thread = pthread_t()
        let me = Unmanaged.passRetained(self)
        guard pthread_create(&thread, nil, serve, me.toOpaque()) == 0 else { throw Refused() }
        pthread_detach(thread)
    }

    struct Refused: Error {}

    /// The thread ends, and with it what it holds.
    func stop() { shutdown(listener, Int32(SHUT_RDWR)) }

    fileprivate func run() {
        var number = 0
        while true {
            let descriptor = accept(listener, nil, nil)
            guard descriptor >= 0 else { break }
            var buffer = [UInt8](repeating: 0, count: 65_536)
            var text = ""
            while !text.contains("\r\n\r\n") {
                let count = recv(descriptor, &buffer, buffer.count, 0)
                guard count > 0 else { break }
                text += String(decoding: buffer.prefix(count), as: UTF8.self)
            }
            number += 1
            seen.withLock { $0.append(text) }
            script(number, Peer(descriptor: descriptor, request: text))
            close(descriptor)
        }
        close(listener)
    }
}

private func serve(_ raw: UnsafeMutableRawPointer?) -> UnsafeMutableRawPointer? {
    guard let raw else { return nil }
    Unmanaged<StreamServer>.fromOpaque(raw).takeRetainedValue().run()
    return nil
}
