import CNng

/// What libnng's own `tls+tcp` needs: the PEM texts, for it takes no files apart.
public struct RawPeerSecurity: Sendable {
    public var certificate: String
    public var key: String
    public var authority: String
    /// The name that the listener's certificate must have; libnng takes no addresses for names.
    public var name: String

    public init(certificate: String, key: String, authority: String, name: String) {
        (self.certificate, self.key) = (certificate, key)
        (self.authority, self.name) = (authority, name)
    }

    /// The caller frees it: libnng counts who uses it (nng_tls_config_alloc(3)).
    func config(asServer: Bool) throws(NngError) -> OpaquePointer? {
        var made: OpaquePointer?
        let mode = asServer ? NNG_TLS_MODE_SERVER : NNG_TLS_MODE_CLIENT
        try NngError.check(nng_tls_config_alloc(&made, mode), "make a TLS configuration")
        do {
            if !asServer {
                try NngError.check(nng_tls_config_server_name(made, name), "expect a name")
            }
            try NngError.check(nng_tls_config_ca_chain(made, authority, nil), "believe")
            try NngError.check(nng_tls_config_own_cert(made, certificate, key, nil), "present")
            try NngError.check(
                nng_tls_config_auth_mode(made, NNG_TLS_AUTH_MODE_REQUIRED), "ask for certificates")
        } catch {
            nng_tls_config_free(made)
            throw error
        }
        return made
    }
}
