import Contracts

/// One thing that stands between a command and the machine.
enum Layer: String, Sendable, CaseIterable {
    case userNamespace = "user-namespace"
    case processNamespace = "pid-namespace"
    case networkNamespace = "network-namespace"
    case mountNamespace = "mount-namespace"
    case ipcNamespace = "ipc-namespace"
    case hostNamespace = "uts-namespace"
    case noCapabilities = "no-capabilities"
    case noNewPrivileges = "no-new-privileges"
    case emptyEnvironment = "empty-environment"
    case processLimits = "process-limits"
    case systemCallFilter = "system-call-filter"
    /// A control group: the only limit on the memory of all processes together.
    case controlGroup = "control-group"
    /// The command's user is not the service's.
    case ownUser = "own-user"

    static let essential: Set<Layer> = [
        .userNamespace, .processNamespace, .networkNamespace, .mountNamespace, .noCapabilities,
        .noNewPrivileges, .emptyEnvironment, .processLimits,
    ]
    static let forStrong = essential.union([.systemCallFilter, .controlGroup])
}

/// Which layers hold here. It says what a probe saw, not what was asked for.
struct LayerReport: Sendable {
    enum Strength: String { case strong, weak, none }

    var holding: Set<Layer>
    /// Why none holds, in the words of who refused.
    var trouble: String?

    var missing: [Layer] { Layer.allCases.filter { !holding.contains($0) } }

    var strength: Strength {
        if Layer.forStrong.isSubset(of: holding) { return .strong }
        return Layer.essential.isSubset(of: holding) ? .weak : .none
    }

    var reply: Sandbox.Layers {
        Sandbox.Layers(
            strength: strength.rawValue,
            holding: Layer.allCases.filter(holding.contains).map(\.rawValue),
            missing: missing.map(\.rawValue))
    }
}
