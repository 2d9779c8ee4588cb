import Glibc

/// Tells hosts that are this machine whoever is asked: no proxy leads there.
enum LocalHost {
    /// Takes a name, or an address without brackets.
    static func isLocal(_ host: String) -> Bool { isName(host) || isAddress(host) }

    /// RFC 6761, 6.3.
    static func isName(_ host: String) -> Bool {
        HeadLine.sameName(host.utf8, "localhost".utf8)
            || HeadLine.sameName(host.utf8.suffix(10), ".localhost".utf8)
    }

    /// Of the whole of 127.0.0.0/8, and of IPv6 the one.
    private static func isAddress(_ host: String) -> Bool {
        var four = in_addr()
        if inet_pton(AF_INET, host, &four) == 1 {
            return UInt32(bigEndian: four.s_addr) >> 24 == 127
        }
        var six = in6_addr()
        guard inet_pton(AF_INET6, host, &six) == 1 else { return false }
        return withUnsafeBytes(of: &six) { $0.dropLast().allSatisfy { $0 == 0 } && $0.last == 1 }
    }
}
