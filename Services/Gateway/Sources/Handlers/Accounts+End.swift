import Crypto
import MeshContract
import ServiceKit

/// How a person takes back a way to sign in, or the whole account.
extension Accounts {
    /// So long ago at most may somebody have signed in who sends no password.
    static let recently: Int64 = 600_000

    /// Our name for what an issuer calls somebody; it tells neither.
    static func linkID(_ issuer: String, _ subject: String) -> String {
        "idn_" + SHA256.hex(Array("\(issuer) \(subject)".utf8)).prefix(24)
    }

    /// False for none of the account's.
    func unlink(_ id: String, from account: String, by doer: Doer) async throws -> Bool {
        let links = try await store.links(of: account)
        guard let link = links.first(where: { Self.linkID($0.issuer, $0.subject) == id }) else {
            return false
        }
        return try await store.unlink(
            issuer: link.issuer, subject: link.subject, from: account,
            noting: audit.entry(.identityUnlink, by: doer, target: account, detail: link.issuer))
    }

    /// Ends an account for whoever proves to be its person: by its password, or by a sign-in of the last
    /// minutes. A token alone may be a stolen one.
    func end(
        _ account: AccountStore.Account, password: String?, signIn: String?, by doer: Doer
    ) async throws -> AccountStore.Ended {
        guard account.email != OwnerAccount.email else {
            throw Fault(.conflict, "this is the machine's own account")
        }
        if let password {
            guard try await prove(account, by: password, for: .accountEnd, by: doer) else {
                throw Fault(
                    .invalid, "the account was not deleted",
                    fields: [FieldFault("/password", "is not the present password")])
            }
        } else {
            guard let signIn, let opened = try await store.opened(signIn, of: account.id),
                (0..<Self.recently).contains(ambient.now() - opened)
            else {
                throw Fault(
                    .denied, "send the password, or sign in again just before",
                    detail: "within \(Self.recently / 60_000) minutes")
            }
        }
        return try await store.end(
            account.id, at: ambient.now(),
            noting: audit.entry(.accountEnd, by: doer, target: account.id))
    }
}
