import Glibc
import Testing

@testable import Curl

@Suite struct AddressTests {
    @Test("an address that does not answer costs its share of the time, once")
    func share() async {
        let silent = SilentPort()
        defer { silent.stop() }
        let server = ScriptedServer { peer in
            guard peer.request() != nil else { return }
            peer.respond("", "Connection: close\r\n")
        }
        defer { server.stop() }
        let found = [silent.port, server.port].flatMap {
            NameLookup.literal("127.0.0.1", UInt16($0))
        }
        #expect(found.count == 2)
        let rig = PlainRig { _, _ in found }
        defer { rig.stop() }
        #expect(await rig.begin("two.example", connectTimeout: .milliseconds(500)).error() == nil)
        #expect(server.connections == 1)
        #expect(await rig.addresses(of: "two.example") == found.reversed())
    }

    @Test("a name whose addresses do not answer is asked for anew")
    func forgotten() async {
        let silent = SilentPort()
        defer { silent.stop() }
        let resolver = Resolver()
        let rig = PlainRig { name, _ in
            resolver.note(name)
            return NameLookup.literal("127.0.0.1", UInt16(silent.port))
        }
        defer { rig.stop() }
        for _ in 0..<2 {
            let transfer = rig.begin("silent.example", connectTimeout: .milliseconds(30))
            #expect(await transfer.error() == .connect)
        }
        #expect(resolver.asked == ["silent.example", "silent.example"])
    }
}

/// A port where connections stay in the handshake: the queue of its listener is full.
private final class SilentPort: Sendable {
    let port: Int
    private let descriptors: [Int32]

    init() {
        let listener = socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
        port = ScriptedServer.bindLoopback(listener)
        listen(listener, 0)
        let address = NameLookup.literal("127.0.0.1", UInt16(port))
        descriptors =
            [listener]
            + (0..<4).map { _ in
                let flags = Int32(SOCK_STREAM.rawValue | SOCK_NONBLOCK.rawValue)
                let filler = socket(AF_INET, flags, 0)
                _ = address.first?.connect(filler)
                return filler
            }
    }

    func stop() { for descriptor in descriptors { close(descriptor) } }
}
