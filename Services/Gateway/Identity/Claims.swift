import FoundationEssentials

/// Who somebody is to an outside issuer, once that is proven.
public struct OutsideIdentity: Sendable, Equatable {
    public var issuer: String
    /// The name that never changes there.
    public var subject: String
    /// Only where the issuer says that it has been verified.
    public var email: String?
    public var name: String?

    public init(issuer: String, subject: String, email: String? = nil, name: String? = nil) {
        (self.issuer, self.subject, self.email, self.name) = (issuer, subject, email, name)
    }
}

/// What a token of an issuer says (RFC 7519; OpenID Connect Core, sections 2 and 5.1).
struct OutsideClaims: Decodable, Sendable {
    /// Clocks may differ by so many seconds.
    static let skew = 60.0
    private static let longestSubject = 255

    var iss: String
    var sub: String
    var aud: OneOrMore?
    var exp: Double
    var nbf: Double?
    var iat: Double?
    var azp: String?
    var nonce: String?
    var email: String?
    var isEmailVerified: Bool
    var name: String?

    private enum CodingKeys: String, CodingKey {
        case iss, sub, aud, exp, nbf, iat, azp, nonce, email, name
        case isEmailVerified = "email_verified"
    }

    init(from decoder: any Decoder) throws {
        let values = try decoder.container(keyedBy: CodingKeys.self)
        iss = try values.decode(String.self, forKey: .iss)
        sub = try values.decode(String.self, forKey: .sub)
        aud = try values.decodeIfPresent(OneOrMore.self, forKey: .aud)
        exp = try values.decode(Double.self, forKey: .exp)
        nbf = try values.decodeIfPresent(Double.self, forKey: .nbf)
        iat = try values.decodeIfPresent(Double.self, forKey: .iat)
        azp = try values.decodeIfPresent(String.self, forKey: .azp)
        nonce = try values.decodeIfPresent(String.self, forKey: .nonce)
        email = try? values.decodeIfPresent(String.self, forKey: .email)
        name = try? values.decodeIfPresent(String.self, forKey: .name)
        // Some issuers write it as a text. What is not said is not so.
        let isTrue = try? values.decodeIfPresent(Bool.self, forKey: .isEmailVerified)
        let text = try? values.decodeIfPresent(String.self, forKey: .isEmailVerified)
        isEmailVerified = isTrue == true || text == "true"
    }

    /// Nil where all is well; else what is not, for the log.
    func objection(
        issuer: String, audiences: [String], parties: [String], now: Double
    ) -> String? {
        if iss != issuer { return "another issuer" }
        if sub.isEmpty || sub.utf8.count > Self.longestSubject { return "no subject" }
        if !exp.isFinite || now >= exp + Self.skew { return "expired" }
        if let nbf, now < nbf - Self.skew { return "not yet valid" }
        if let iat, now < iat - Self.skew { return "issued in the future" }
        if !audiences.isEmpty, !(aud?.values ?? []).contains(where: audiences.contains) {
            return "for another audience"
        }
        if !parties.isEmpty, !parties.contains(azp ?? "") { return "for another party" }
        return nil
    }

    var identity: OutsideIdentity {
        OutsideIdentity(
            issuer: iss, subject: sub, email: isEmailVerified ? email : nil, name: name)
    }
}
