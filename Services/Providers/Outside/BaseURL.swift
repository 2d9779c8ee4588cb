public import MeshContract

/// An address from the settings under which a service outside answers.
public struct BaseURL: Sendable, Equatable {
    /// Without a slash at its end.
    public let text: String

    /// Takes http or https, a host, and no user, query or fragment. `name` is the setting's.
    public init(_ text: String, of name: String) throws(Fault) {
        var url = text
        while url.last == "/" { url.removeLast() }
        let scheme = ["https://", "http://"].first { url.lowercased().hasPrefix($0) }
        let rest = url.dropFirst(scheme?.utf8.count ?? 0)
        let host = rest.prefix { $0 != "/" }
        let isPlain = url.utf8.allSatisfy { $0 > 0x20 && $0 < 0x7F }
        guard let scheme, isPlain, !host.isEmpty, !host.hasPrefix(":"), !host.contains("@"),
            !rest.contains("?"), !rest.contains("#"), url.utf8.count <= 2_048
        else {
            throw Fault(
                .invalid, "\(name) is not a base URL",
                detail: "as in https://host/path, without user, password, query")
        }
        self.text = scheme + rest
    }

    /// A piece of an address, with what could end it escaped (RFC 3986).
    static func escape(_ text: String) -> String {
        let digits = Array("0123456789ABCDEF".utf8)
        var out: [UInt8] = []
        for byte in text.utf8 {
            switch byte {
            case 0x30...0x39, 0x41...0x5A, 0x61...0x7A, 0x2D, 0x2E, 0x5F, 0x7E: out.append(byte)
            default: out += [0x25, digits[Int(byte >> 4)], digits[Int(byte & 15)]]
            }
        }
        return String(decoding: out, as: UTF8.self)
    }
}
