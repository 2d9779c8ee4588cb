import Crypto
import FoundationEssentials
import Glibc
import Log
import REST
import ServiceKit

/// The account that this machine's own command line acts as: made at first start, on the unlimited
/// plan, its key in `owner.token` (mode 0600) in the data folder.
struct OwnerAccount: Sendable {
    static let email = "owner@localhost"

    let accounts: Accounts
    let data: DataFolder
    let log: Log

    /// Makes the account where there is none, and the key where its file is missing or outdated.
    func ensure() async throws {
        let account: AccountStore.Account
        if let known = try await accounts.store.find(email: Self.email) {
            account = known
        } else {
            account = try await accounts.register(
                email: Self.email, password: Base64URL.encode(randomBytes(32)), name: "Owner",
                role: "admin", plan: "owner")
            log.info("the owner's account was made", ["user": account.id])
        }
        let file = data.path + "/owner.token"
        if isPrivate(file), let bytes = try? Data(contentsOf: URL(filePath: file)),
            let identity = try? await accounts.known(String(decoding: bytes, as: UTF8.self)),
            identity.user == account.id
        {
            return
        }
        // Whoever has the old file has an outdated key.
        let made = try await accounts.makeKey(
            for: account.id, name: "this machine's command line", scopes: Set(Scope.allCases),
            replacing: true)
        try DataFolder.write(Array(made.key.utf8), to: file)
    }

    /// False for a file that others may read: its key may be known.
    private func isPrivate(_ file: String) -> Bool {
        var status = stat()
        return lstat(file, &status) == 0 && status.st_mode & 0o777 == 0o600
    }
}
