import CCurl
import Glibc

/// Tells addresses of the public internet from those of this machine and of networks around it.
///
/// The ranges are those that IANA lists as not globally reachable
/// (https://www.iana.org/assignments/iana-ipv4-special-registry, …-ipv6-special-registry); of IPv6
/// only 2000::/3 is in use for the internet at all.
public enum PublicAddress {
    /// True for four bytes of IPv4, or sixteen of IPv6, that belong to the public internet.
    public static func isPublic(_ bytes: [UInt8]) -> Bool {
        switch bytes.count {
        case 4: isPublic4(bytes)
        case 16: isPublic6(bytes)
        default: false
        }
    }

    private static func isPublic4(_ bytes: [UInt8]) -> Bool {
        switch (bytes[0], bytes[1], bytes[2]) {
        case (0, _, _), (10, _, _), (127, _, _), (169, 254, _), (192, 168, _): false
        case (100, 64...127, _), (172, 16...31, _), (198, 18...19, _): false
        case (192, 0, 0), (192, 0, 2), (192, 88, 99), (198, 51, 100), (203, 0, 113): false
        case (224..., _, _): false
        default: true
        }
    }

    private static func isPublic6(_ bytes: [UInt8]) -> Bool {
        if bytes[..<10].allSatisfy({ $0 == 0 }), bytes[10] == 0xff, bytes[11] == 0xff {
            return isPublic4(Array(bytes[12...]))
        }
        guard bytes[0] & 0xe0 == 0x20 else { return false }
        switch (bytes[0], bytes[1], bytes[2], bytes[3]) {
        case (0x20, 0x01, 0x00...0x01, _), (0x20, 0x01, 0x0d, 0xb8): return false
        // 6to4 leads to the IPv4 address within.
        case (0x20, 0x02, _, _): return isPublic4(Array(bytes[2..<6]))
        case (0x3f, 0xff, 0x00...0x0f, _): return false
        default: return true
        }
    }

    /// The address of a socket, as `isPublic` takes it; empty for other families.
    static func bytes(of address: UnsafeRawBufferPointer) -> [UInt8] {
        guard address.count >= MemoryLayout<sockaddr>.size else { return [] }
        switch Int32(address.loadUnaligned(as: sa_family_t.self)) {
        case AF_INET: return Array(address[4..<8])
        case AF_INET6 where address.count >= MemoryLayout<sockaddr_in6>.size:
            return Array(address[8..<24])
        default: return []
        }
    }
}

/// Called by libcurl for each address it tries, after the name was resolved: that a name says one
/// thing now and another a moment later makes no difference
/// (https://curl.se/libcurl/c/CURLOPT_OPENSOCKETFUNCTION.html).
func openPublicSocket(
    _ context: UnsafeMutableRawPointer?, _ purpose: curlsocktype,
    _ target: UnsafeMutablePointer<curl_sockaddr>?
) -> curl_socket_t {
    guard let target, purpose == CURLSOCKTYPE_IPCXN else { return atelier_no_socket() }
    // The address is declared as the smallest of its kinds and goes on behind the structure.
    let start = MemoryLayout<curl_sockaddr>.offset(of: \.addr) ?? 0
    let address = UnsafeRawBufferPointer(
        start: UnsafeRawPointer(target) + start, count: Int(target.pointee.addrlen))
    guard PublicAddress.isPublic(PublicAddress.bytes(of: address)) else {
        return atelier_no_socket()
    }
    return socket(
        target.pointee.family, target.pointee.socktype | Int32(SOCK_CLOEXEC.rawValue),
        target.pointee.protocol)
}
