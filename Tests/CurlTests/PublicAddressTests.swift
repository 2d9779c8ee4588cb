import Curl
import EventLoop
import Glibc
import Testing

@Suite struct PublicAddressTests {
    private static func bytes(_ text: String) -> [UInt8] {
        var (four, six) = (in_addr(), in6_addr())
        if inet_pton(AF_INET, text, &four) == 1 {
            return withUnsafeBytes(of: &four) { Array($0) }
        }
        guard inet_pton(AF_INET6, text, &six) == 1 else { return [] }
        return withUnsafeBytes(of: &six) { Array($0) }
    }

    @Test(
        "addresses of this machine and of networks around it are no public ones",
        arguments: [
            "0.0.0.0", "10.1.2.3", "100.64.0.1", "100.127.255.255", "127.0.0.1", "127.9.9.9",
            "169.254.169.254", "172.16.0.1", "172.31.255.255", "192.0.0.8", "192.0.2.1",
            "192.88.99.1", "192.168.0.1", "198.18.0.1", "198.19.255.255", "198.51.100.7",
            "203.0.113.9", "224.0.0.1", "239.1.1.1", "240.0.0.1", "255.255.255.255",
            "::", "::1", "fe80::1", "fc00::1", "fd12:3456::1", "ff02::1", "::ffff:10.0.0.1",
            "::ffff:127.0.0.1", "64:ff9b::a00:1", "2001:db8::1", "2001::1", "2001:100::1",
            "2002:a00:1::", "2002:7f00:1::1", "3fff::1", "100::1", "not an address",
        ])
    func isPrivate(text: String) {
        #expect(!PublicAddress.isPublic(Self.bytes(text)))
    }

    @Test(
        "what lies just beside them is public",
        arguments: [
            "1.1.1.1", "9.255.255.255", "11.0.0.0", "100.63.255.255", "100.128.0.0",
            "126.255.255.255", "128.0.0.1", "169.253.255.255", "169.255.0.0", "172.15.255.255",
            "172.32.0.0", "192.0.1.0", "192.167.255.255", "192.169.0.0", "198.17.255.255",
            "198.20.0.0", "223.255.255.255", "::ffff:8.8.8.8", "2606:4700::1111",
            "2a00:1450::1", "2001:4860:4860::8888", "2002:808:808::1",
        ])
    func isPublic(text: String) {
        #expect(PublicAddress.isPublic(Self.bytes(text)))
    }

    @Test(
        "a request that is held to public addresses connects nowhere else, however it is written",
        arguments: ["127.0.0.1", "localhost", "0.0.0.0", "2130706433", "0x7f.1", "[::1]", "[::]"])
    func refused(host: String) async throws {
        let reached = Promise<String>()
        let server = ScriptedServer { peer in
            reached.fulfil(peer.request() ?? "")
            peer.respond("secret")
        }
        defer { server.stop() }
        let port = try #require(server.url.split(separator: ":").last)
        let loop = EventLoop()
        defer { loop.stop() }
        let client = HTTPClient(on: loop)
        var request = ClientRequest(url: "http://\(host):\(port)", connectTimeout: .seconds(2))
        request.isPublicOnly = true
        await #expect(throws: HTTPClientError.connect) { try await client.send(request) }
        client.close()
    }
}
