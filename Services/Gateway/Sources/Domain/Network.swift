/// Addresses as limits see them.
enum Network {
    /// Whom an address stands for: an IPv4 address for itself, an IPv6 address for its /64, which is
    /// what one customer of a provider has (RFC 6177).
    static func customer(_ address: String) -> String {
        let bare = address.hasPrefix("::ffff:") ? String(address.dropFirst(7)) : address
        guard bare.contains(":"), !bare.contains(".") else { return bare }
        let halves = bare.split(separator: "::", omittingEmptySubsequences: false)
            .map { $0.split(separator: ":").map(String.init) }
        guard halves.count <= 2, let head = halves.first else { return bare }
        let tail = halves.count == 2 ? halves[1] : []
        let zeros = Array(repeating: "0", count: max(0, 8 - head.count - tail.count))
        return (head + zeros + tail).prefix(4).joined(separator: ":") + "::/64"
    }

    static func isThisMachine(_ address: String) -> Bool {
        let bare = address.hasPrefix("::ffff:") ? String(address.dropFirst(7)) : address
        return bare == "::1" || bare.hasPrefix("127.")
    }
}
