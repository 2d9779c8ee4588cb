public import MeshContract
import SP
import TLS

/// Both ends of `tls+tcp`: one certificate for each host, and the authority that all of them have.
public struct MeshTLS: Sendable {
    /// What stands behind the settings of that name.
    public struct Files: Sendable {
        public var certificate: String
        public var key: String
        public var authority: String
        /// The name that the certificates of others must have; nil for the host of the address.
        public var name: String?
        /// libnng of Debian 12 speaks TLS 1.2 only.
        public var speaksOld = false

        public init(certificate: String, key: String, authority: String) {
            (self.certificate, self.key, self.authority) = (certificate, key, authority)
        }
    }

    let client: TLSContext
    let server: TLSContext
    let name: String?

    /// Reads the files. `report` hears of later versions of them that cannot be used.
    public init(
        _ files: Files, report: @escaping @Sendable (String) -> Void
    ) throws(Fault) {
        let options = TLSOptions(
            certificate: files.certificate, key: files.key, authorities: files.authority,
            requiresPeer: true, minimum: files.speaksOld ? .tls12 : .tls13)
        do {
            client = try TLSContext(.client, options) { report("\($0)") }
            server = try TLSContext(.server, options) { report("\($0)") }
        } catch {
            throw Fault(.invalid, "\(error)")
        }
        name = files.name
    }
}

extension SPAddress {
    /// What a connection to or at this address needs of it.
    func needs(_ identity: MeshIdentity?) throws(Fault) -> MeshTLS? {
        guard isSecure else { return nil }
        guard let tls = identity?.tls else {
            throw Fault(
                .invalid, "\(url) needs certificates",
                detail: "set ATELIER_MESH_TLS_CERT, ATELIER_MESH_TLS_KEY and ATELIER_MESH_TLS_CA")
        }
        return tls
    }

    /// What it takes to be let in here, and to know that it is here: on the network, to call
    /// `service`, our name.
    func trust(_ identity: MeshIdentity?, of service: String? = nil) -> SPTrust {
        var trust = SPTrust()
        if isSecure { (trust.tls, trust.name) = (identity?.tls?.client, identity?.tls?.name) }
        if !isLocal, let service { trust.preface = identity?.preface(to: service) }
        return trust
    }
}
