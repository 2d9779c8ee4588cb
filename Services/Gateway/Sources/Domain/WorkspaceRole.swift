import MeshContract

/// What somebody may do in a workspace. Owners do everything; admins invite and manage members and
/// viewers; members work on its runs; viewers look.
enum WorkspaceRole: String, Sendable, CaseIterable, Comparable {
    case viewer, member, admin, owner

    static func < (left: WorkspaceRole, right: WorkspaceRole) -> Bool { left.rank < right.rank }

    private var rank: Int { Self.allCases.firstIndex(of: self) ?? 0 }

    var mayControlRuns: Bool { self >= .member }
    var mayInvite: Bool { self >= .admin }

    /// True where the bearer of this role may give, change or take the other one.
    func mayManage(_ other: WorkspaceRole) -> Bool {
        self == .owner || (self == .admin && other < .admin)
    }

    /// Reads a role from a request. Throws `invalid`.
    static func read(_ text: String) throws(Fault) -> WorkspaceRole {
        guard let role = WorkspaceRole(rawValue: text) else {
            throw Fault(
                .invalid, "the role was refused",
                fields: [FieldFault("/role", "is none of owner, admin, member, viewer")])
        }
        return role
    }
}
