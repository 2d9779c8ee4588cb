import HTTP
import MeshContract
import REST

/// A sign-in elsewhere that came to nothing, on its way back to our page: a browser that was sent around
/// shows its person the sign-in screen with a word of why, and no JSON.
struct SignInFailure: Sendable {
    /// What the page has a sentence for each of.
    enum Reason: String, Sendable, CaseIterable {
        /// Not known, gone through already, or it took too long.
        case expired
        /// The person or the provider did not want to.
        case refused
        /// What the provider said of the person does not hold.
        case unproven
        /// The address has an account: its person links the other sign-in there.
        case taken
        /// The other sign-in is another account's.
        case linked
        case disabled, limited, full, away, failed
    }

    let reason: Reason
    /// Where on our page it was to go on.
    let next: String?

    /// Of an attempt that came back.
    init(_ error: any Error, at attempt: AccountStore.Attempt?) {
        let fault = Self.fault(error)
        next = attempt?.returnTo
        reason =
            switch fault?.code {
            case .invalid: .expired
            case .denied: fault == Self.disabled ? .disabled : .refused
            case .unauthenticated: .unproven
            case .conflict: attempt?.linking == nil ? .taken : .linked
            case .limited: .limited
            case .capped: .full
            case .upstream, .timedOut, .unavailable, .overloaded: .away
            default: .failed
            }
    }

    /// Of one that could not begin; `next` is what was asked for.
    init(_ error: any Error, beginning next: String?) {
        self.next = next
        reason =
            switch Self.fault(error)?.code {
            // Who wanted to link it is signed in no more.
            case .unauthenticated: .expired
            case .limited: .limited
            case .upstream, .timedOut, .unavailable, .overloaded: .away
            default: .failed
            }
    }

    private static func fault(_ error: any Error) -> Fault? {
        (error as? Fault) ?? (error as? any FaultConvertible)?.fault
    }

    /// Whether it is ours to look into.
    static func isOurs(_ error: any Error) -> Bool {
        fault(error).map { $0.code == .internal } ?? true
    }

    static let disabled = Fault(.denied, "this account is disabled")

    /// Whether it is a browser that shows its person what it is answered (RFC 9110, section 12.5.1).
    static func isShown(_ request: HTTPRequest) -> Bool {
        request.headers["accept"]?.contains("text/html") == true
    }

    /// A path of our page; what is in it leads nowhere else.
    var place: String {
        let after = next.flatMap { ReturnPath.isOurs($0) && $0 != "/" ? $0 : nil }
        return "/sign-in?error=\(reason.rawValue)"
            + (after.map { "&next=\(Self.escaped($0))" } ?? "")
    }

    private static func escaped(_ path: String) -> String {
        let digits = Array("0123456789ABCDEF".utf8)
        var out: [UInt8] = []
        for byte in path.utf8 {
            let isPlain =
                (0x30...0x39).contains(byte) || (0x41...0x5A).contains(byte)
                || (0x61...0x7A).contains(byte) || "-._~/".utf8.contains(byte)
            out += isPlain ? [byte] : [0x25, digits[Int(byte >> 4)], digits[Int(byte & 15)]]
        }
        return String(decoding: out, as: UTF8.self)
    }
}
