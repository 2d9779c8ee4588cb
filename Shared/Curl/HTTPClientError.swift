/// Why a request got no complete response.
///
/// It never holds a URL, a header or a byte of a body, so it may be logged as it is.
public enum HTTPClientError: Error, Equatable, Sendable {
    /// Not an `http` or `https` URL, or one that carries a password.
    case badURL
    /// The host's name has no address.
    case resolve
    /// Nobody accepted the connection, or not within the time for it.
    case connect
    /// The peer could not prove who it is, or the handshake failed.
    case tls
    /// The deadline for the whole exchange has passed.
    case timedOut
    /// No byte moved for as long as the request allows.
    case idle
    /// The connection ended before the message did.
    case truncated
    /// The response is larger than the request allows.
    case tooLarge
    /// The caller, or the client's closing, ended it.
    case cancelled
    /// Too many transfers run and wait already.
    case overloaded
    /// Anything else, in libcurl's general words or in ours.
    case other(String)

    /// True when no byte of the request can have reached the server, so that repeating it is safe.
    public var isUnsent: Bool {
        switch self {
        case .badURL, .resolve, .connect, .tls, .overloaded: true
        case .timedOut, .idle, .truncated, .tooLarge, .cancelled, .other: false
        }
    }

    /// What it comes to for a request that had been sent before, over a connection that had been
    /// kept: the server may have taken it.
    func after(sending wasSent: Bool) -> HTTPClientError {
        wasSent && isUnsent ? .truncated : self
    }
}

extension HTTPClientError: CustomStringConvertible {
    public var description: String {
        switch self {
        case .badURL: "the URL cannot be requested"
        case .resolve: "the host's name has no address"
        case .connect: "no connection to the host"
        case .tls: "no trusted connection to the host"
        case .timedOut: "the response took longer than its deadline"
        case .idle: "the connection went silent"
        case .truncated: "the connection ended before the response did"
        case .tooLarge: "the response is larger than allowed"
        case .cancelled: "the request was cancelled"
        case .overloaded: "too many requests are under way"
        case .other(let message): message
        }
    }
}
