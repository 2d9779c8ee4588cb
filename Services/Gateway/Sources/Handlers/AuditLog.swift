import Contracts
import HTTP
import Log
import Mesh
import REST
import ServiceKit

/// What may be read in the audit log years later: who did what to whom, from where, and whether it
/// was let happen. No password, token or key is in it, nor what an unknown person typed.
struct AuditLog: Sendable {
    enum Action: String, Sendable, CaseIterable {
        case register, logIn = "log-in", logOut = "log-out", logOutEverywhere = "log-out-everywhere"
        case refreshReuse = "refresh-reuse", passwordChange = "password-change"
        case identityLink = "identity-link", identityUnlink = "identity-unlink"
        case accountEnd = "account-end", keyMake = "key-make", keyEnd = "key-end"
        case tokenIssue = "token-issue", keysRotate = "signing-key-rotate"
        case userMake = "user-make", roleChange = "role-change", userDisable = "user-disable"
        case userEnable = "user-enable"
        case workspaceMake = "workspace-make", workspaceRename = "workspace-rename"
        case workspaceDelete = "workspace-delete", memberJoin = "member-join"
        case memberRole = "member-role", memberRemove = "member-remove"
        case invite, inviteRevoke = "invite-revoke", runChange = "run-change"
        case budgetSet = "budget-set", budgetEnd = "budget-end"
    }

    enum Outcome: String, Sendable { case done, refused }

    let store: AuditStore
    let ambient: Ambient
    let log: Log

    /// The entry of what is about to be done to our own tables: whoever does it writes it in the same
    /// transaction.
    func entry(
        _ action: Action, by doer: Doer, target: String? = nil, outcome: Outcome = .done,
        detail: String? = nil
    ) -> AuditStore.Entry {
        AuditStore.Entry(
            seq: 0, at: ambient.now(), actor: doer.user, key: doer.key, action: action.rawValue,
            target: target, address: doer.address, request: doer.request,
            outcome: outcome.rawValue, detail: detail.map { String($0.prefix(500)) })
    }

    /// Writes an entry of what was refused, or was done elsewhere than in our tables. It stands though
    /// it could not be written: the log of the service then has it.
    func note(
        _ action: Action, by doer: Doer, target: String? = nil, outcome: Outcome = .done,
        detail: String? = nil
    ) async {
        do {
            try await store.append(
                entry(action, by: doer, target: target, outcome: outcome, detail: detail))
        } catch {
            log.error(
                "the audit log could not be written",
                ["action": action.rawValue, "user": doer.user, "error": "\(error)"])
        }
    }
}

/// Who does something, and from where, as the audit log tells it.
struct Doer: Sendable {
    /// An account's id; `operator` for the machine's own command line; empty for nobody known.
    var user: String
    /// The API key that was shown.
    var key: String?
    var address: String
    /// The id that the other logs have it under.
    var request: String
    /// What the client calls itself.
    var client = ""

    /// Where from, as limits count it: a customer of a provider has more IPv6 addresses than any limit.
    var place: String { Network.customer(address) }

    /// Somebody at the command line, without a call.
    static let `operator` = Doer(user: "operator", address: "", request: "")

    init(
        user: String, key: String? = nil, address: String, request: String, client: String = ""
    ) {
        (self.user, self.key, self.address) = (user, key, address)
        (self.request, self.client) = (request, String(client.prefix(200)))
    }

    init(_ incoming: Incoming) {
        self.init(incoming.request, id: incoming.requestID)
        (user, key) = (incoming.identity.user, incoming.identity.key)
    }

    /// Somebody who is not known yet.
    init(_ request: HTTPRequest, id: String) {
        self.init(
            user: "", address: request.remote, request: id,
            client: request.headers["user-agent"] ?? "")
    }

    init(_ call: Call) {
        self.init(
            user: call.caller == "admin" ? "operator" : call.caller, address: "", request: call.id)
    }

    /// The same once it is known who it is.
    func known(as user: String) -> Doer {
        var doer = self
        doer.user = user
        return doer
    }
}
