import Console
import Contracts
import FoundationEssentials
import Mesh
import MeshContract
import ServiceKit

/// Where the token comes from with which a command speaks to the gateway.
struct Credentials: Sendable {
    let workplace: Workplace
    let plan: StackPlan

    /// `--as` first, which needs the stack's own folder; then ATELIER_TOKEN; then the owner's token
    /// in the data folder.
    func token(as email: String?) async throws -> String {
        if let email { return try await issued(to: email) }
        if let token = workplace.nonEmpty("ATELIER_TOKEN") { return token }
        let file = "\(plan.data.path)/owner.token"
        guard let bytes = try? Data(contentsOf: URL(filePath: file)) else {
            throw Refusal(
                .denied,
                "there is no token: \(file) cannot be read and ATELIER_TOKEN is not set. "
                    + "Is \(plan.data.path) the folder of the stack on port \(plan.port)?")
        }
        let token = String(decoding: bytes, as: UTF8.self).filter { !$0.isWhitespace }
        guard !token.isEmpty else { throw Refusal(.denied, "\(file) is empty") }
        return token
    }

    private func issued(to email: String) async throws -> String {
        let directory = try plan.data.directory(workplace.environment, as: "admin")
        let mesh = MeshClient(SocketTransport(directory, on: workplace.loop), as: "admin")
        let users = try await mesh.call(Gateway.ListUsers(limit: 1_000)).users
        guard let user = users.first(where: { $0.email.lowercased() == email.lowercased() }) else {
            throw Refusal(.denied, "there is no account \(Printable.line(email))")
        }
        return try await mesh.call(Gateway.IssueToken(user: user.id)).accessToken
    }
}
