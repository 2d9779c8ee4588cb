import MeshContract

/// How much isolation the administrator insists on: `SANDBOX_MODE`.
enum Mode: String, Sendable, CaseIterable {
    /// Whatever holds, but never none.
    case auto
    /// Nothing less than every layer that counts.
    case strong
    /// None. The name is long so that nobody sets it by accident.
    case off = "off-without-isolation"

    init(setting: String) throws(Fault) {
        guard let mode = Mode(rawValue: setting) else {
            let list = Mode.allCases.map(\.rawValue).joined(separator: ", ")
            throw Fault(.invalid, "SANDBOX_MODE is one of \(list)")
        }
        self = mode
    }

    /// Why nothing is executed with these layers, and what to do about it; nil when it is.
    func refusal(_ report: LayerReport) -> Fault? {
        switch (self, report.strength) {
        case (.off, _), (_, .strong), (.auto, .weak): return nil
        case (.strong, .weak):
            let missing = report.missing.map(\.rawValue).joined(separator: ", ")
            return Fault(
                .unavailable, "the sandbox is not strong on this machine",
                detail: "missing: \(missing); provide them, or set SANDBOX_MODE=auto")
        case (_, .none):
            return Fault(
                .unavailable, "the sandbox cannot isolate on this machine",
                detail: "\(report.trouble ?? "no layer holds"); install bubblewrap and allow "
                    + "unprivileged user namespaces (in a container: its seccomp profile)")
        }
    }
}
