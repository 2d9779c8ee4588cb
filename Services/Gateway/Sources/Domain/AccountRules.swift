import MeshContract

/// What may be an account: rules as values.
enum AccountRules {
    /// What a new account must be; all faults of it at once, with their pointers.
    static func check(email: String, password: String, name: String) throws(Fault) {
        var faults: [FieldFault] = []
        if !isEmail(email) { faults.append(FieldFault("/email", "is no e-mail address")) }
        if let what = weakness(of: password) { faults.append(FieldFault("/password", what)) }
        if let what = oddity(of: name) { faults.append(FieldFault("/name", what)) }
        guard faults.isEmpty else {
            throw Fault(.invalid, "the account was refused", fields: faults)
        }
    }

    static func checkPassword(_ password: String) throws(Fault) {
        guard let what = weakness(of: password) else { return }
        throw Fault(
            .invalid, "the password was refused", fields: [FieldFault("/password", what)])
    }

    static func checkName(_ name: String) throws(Fault) {
        guard let what = oddity(of: name) else { return }
        throw Fault(.invalid, "the name was refused", fields: [FieldFault("/name", what)])
    }

    /// One spelling for an address: without surrounding blanks, in lower case.
    static func canonical(_ email: String) -> String {
        String(email.drop { $0 == " " }.reversed().drop { $0 == " " }.reversed()).lowercased()
    }

    /// What another's word for a name comes to here; nil for nothing.
    static func plainName(_ text: String) -> String? {
        var name = ""
        for scalar in text.unicodeScalars where !isControl(scalar) {
            guard name.utf8.count + String(scalar).utf8.count <= 200 else { break }
            name.unicodeScalars.append(scalar)
        }
        return oddity(of: name) == nil ? name : nil
    }

    private static func oddity(of name: String) -> String? {
        let isOdd =
            name.isEmpty || name.utf8.count > 200 || name.unicodeScalars.contains(where: isControl)
        return isOdd ? "takes 1 to 200 bytes of plain text" : nil
    }

    private static func weakness(of password: String) -> String? {
        if password.count < 10 { return "takes at least 10 characters" }
        // scrypt takes any length; a limit keeps a request from costing more than it should.
        if password.utf8.count > 1_024 { return "takes at most 1024 bytes" }
        return nil
    }

    /// One `@`, something before it, a host behind it; the rest is for the mail to prove.
    static func isEmail(_ text: String) -> Bool {
        let parts = canonical(text).split(separator: "@", omittingEmptySubsequences: false)
        guard text.utf8.count <= 254, parts.count == 2, !parts[0].isEmpty, !parts[1].isEmpty else {
            return false
        }
        return text.unicodeScalars.allSatisfy { !isControl($0) && $0 != "," && $0 != ";" }
            && !canonical(text).contains(" ")
    }

    /// False for an address that no e-mail reaches, as the owner's is.
    static func leadsSomewhere(_ email: String) -> Bool {
        guard let host = email.split(separator: "@").last, host.contains(".") else { return false }
        return !host.hasSuffix(".localhost") && !host.hasSuffix(".local")
    }

    private static func isControl(_ scalar: Unicode.Scalar) -> Bool {
        scalar.value < 32 || (127...159).contains(scalar.value)
    }
}

/// What an access token says.
struct Claims: Codable, Sendable {
    var sub: String
    var role: String
    /// Seconds since 1970.
    var iat: Int64
    var exp: Int64
    /// Raised when all tokens of the account end: at a new password.
    var gen: Int64
    /// The sign-in it was made in; it ends with that.
    var sid: String?
}
