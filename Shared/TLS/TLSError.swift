import COpenSSL

/// Why a connection is not, or no longer, a private one. Says what to look at, never what a key is.
public enum TLSError: Error, Sendable, Equatable, CustomStringConvertible {
    /// A file of certificates or keys is missing, unreadable or does not fit.
    case file(String)
    /// The other side's certificate is not believed here.
    case untrusted(String)
    /// The other side ended it with an alert: most often, it does not believe our certificate.
    case refused(String)
    /// The other side speaks no TLS, an old one, or was garbled.
    case broken(String)
    /// The connection ended without a farewell.
    case gone

    public var description: String {
        switch self {
        case .file(let what): what
        case .untrusted(let why): "the other side's certificate is refused: \(why)"
        case .refused(let why): "the other side refused us: \(why)"
        case .broken(let why): "no TLS that can be spoken: \(why)"
        case .gone: "the connection ended without a farewell"
        }
    }
}

extension TLSError {
    /// Alerts have their number behind this one (ssl.h, SSL_AD_REASON_OFFSET).
    private static let alerts: Int32 = 1_000

    /// What OpenSSL's queue of this thread says; the queue is empty afterwards.
    static func taken(verdict: Int = Int(X509_V_OK)) -> TLSError {
        let code = ERR_peek_last_error()
        defer { ERR_clear_error() }
        let reason = ERR_GET_REASON(code)
        if reason == SSL_R_CERTIFICATE_VERIFY_FAILED {
            return .untrusted(String(cString: X509_verify_cert_error_string(verdict)))
        }
        if reason == SSL_R_PEER_DID_NOT_RETURN_A_CERTIFICATE { return .untrusted("it has none") }
        let why = words(code)
        return reason >= alerts ? .refused(why) : .broken(why)
    }

    /// OpenSSL's few words for a code: names of things, never contents.
    static func words(_ code: UInt) -> String {
        ERR_reason_error_string(code).map { String(cString: $0) } ?? "no reason given"
    }
}
