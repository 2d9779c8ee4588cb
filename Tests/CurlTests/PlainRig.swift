import EventLoop
import Glibc
import Synchronization

@testable import Curl

/// Connections of our own on a loop of their own, which ask a resolver that a test makes up.
///
/// Unchecked: the connections are touched on the loop only.
final class PlainRig: @unchecked Sendable {
    let loop = EventLoop()
    let connections: PlainConnections

    init(_ resolve: @escaping NameLookup.Resolve) {
        connections = PlainConnections(loop: loop, limits: .init(), resolve: resolve)
        loop.perform { [connections] in connections.open { $0.finish($1) } }
    }

    func stop() {
        loop.perform { [connections] in connections.close() }
        loop.stop()
    }

    /// Begins a request to a port of `host`; its outcome comes when it is waited for.
    func begin(
        _ host: String, port: Int = 80, connectTimeout: Duration = .seconds(10)
    ) -> Transfer {
        let url = "http://\(host):\(port)/"
        let transfer = Transfer(
            ClientRequest(url: url, connectTimeout: connectTimeout), readAhead: nil)
        loop.perform { [connections] in
            guard let target = PlainTarget(url) else { return transfer.finish(.failure(.badURL)) }
            do throws(HTTPClientError) {
                try connections.launch(transfer, to: target)
            } catch {
                transfer.finish(.failure(error))
            }
        }
        return transfer
    }

    /// What a connection would try now, in this order; empty for a name without an address.
    func addresses(of host: String) async -> [SocketAddress] {
        await withUnsafeContinuation { waiter in
            loop.perform { [self] in
                guard let target = PlainTarget("http://\(host):80/") else {
                    return waiter.resume(returning: [])
                }
                connections.names.find(target, for: self) { found in
                    waiter.resume(returning: (try? found.get()) ?? [])
                }
            }
        }
    }

    func drop(_ transfer: Transfer) {
        loop.perform { [connections] in connections.drop(transfer) }
    }
}

extension Transfer {
    /// The error that ended it, nil for an answer.
    func error() async -> HTTPClientError? {
        let result = await withUnsafeContinuation { _ = wait(.whole($0)) }
        if case .failure(let error) = result { return error }
        return nil
    }
}

/// The names that a resolver of a test was asked for.
final class Resolver: Sendable {
    private let names = Mutex<[String]>([])

    var asked: [String] { names.withLock { $0 } }

    func note(_ name: String) { names.withLock { $0.append(name) } }
}
