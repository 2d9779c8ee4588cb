import HTTP
import MeshContract

/// What our own address begins with, where somebody else is told it.
enum OwnAddress {
    /// As the operator says; what a client says of it counts on this machine alone.
    static func base(of request: HTTPRequest, _ config: GatewayConfig) throws(Fault) -> String {
        if let url = config.publicURL { return url }
        let host = request.headers["host"] ?? ""
        let isLocal = ["127.0.0.1", "localhost", "[::1]"].contains { name in
            host == name
                || (host.hasPrefix(name + ":") && UInt16(host.dropFirst(name.count + 1)) != nil)
        }
        guard isLocal else {
            throw Fault(.unavailable, "the operator has to set ATELIER_PUBLIC_URL for this")
        }
        return (request.isSecure ? "https://" : "http://") + host
    }
}
