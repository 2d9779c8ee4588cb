/// Which side of the handshake one takes.
public enum TLSRole: Sendable { case client, server }

/// What a private connection needs: PEM files, and whom to believe.
public struct TLSOptions: Sendable {
    /// The oldest protocol that is spoken.
    public enum Version: Sendable { case tls12, tls13 }

    /// Our certificate, and behind it those up to the authority; nil for a client without one.
    public var certificate: String?
    /// The certificate's key, which nobody else may read.
    public var key: String?
    /// The authorities whose signature is believed; nil for the system's.
    public var authorities: String?
    /// A server asks for a certificate, too, and refuses who has none. A client always does.
    public var requiresPeer: Bool
    public var minimum: Version

    public init(
        certificate: String? = nil, key: String? = nil, authorities: String? = nil,
        requiresPeer: Bool = false, minimum: Version = .tls12
    ) {
        (self.certificate, self.key, self.authorities) = (certificate, key, authorities)
        (self.requiresPeer, self.minimum) = (requiresPeer, minimum)
    }

    var files: [String] { [certificate, key, authorities].compactMap(\.self) }
}
