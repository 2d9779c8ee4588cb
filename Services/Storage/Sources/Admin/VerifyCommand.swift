import Console
import Contracts
import MeshContract
public import ServiceKit

extension StorageNode {
    private static let batch = 200

    /// What storage has beside the verbs of every service.
    public static let admin: [AdminCommand<StorageNode>] = [
        AdminCommand(
            "verify", "checks every content against its name (--quick: lengths alone)",
            flags: ["quick"]
        ) { node, _, flags in
            try await node.verifyAll(isThorough: !flags.names.contains("quick"))
        }
    ]

    /// Every reference and every hash; what is wrong is told by content and by artifact.
    private func verifyAll(isThorough: Bool) async throws -> AdminCommand<StorageNode>.Report {
        var (lines, checked, bytes, bad) = ([String](), 0, 0, 0)
        var after: String?
        repeat {
            let part = try await verification(
                after: after, limit: Self.batch, isThorough: isThorough)
            for damage in part.faults {
                lines.append("\(damage.sha256) \(damage.what)")
                lines += damage.artifacts.map { "  \($0)" }
            }
            (checked, bytes) = (checked + part.checked, bytes + part.bytes)
            bad += part.faults.count
            after = part.next
        } while after != nil
        lines.append("\(checked) contents, \(bytes) bytes, \(bad) damaged")
        let failure = Fault(.internal, "\(bad) contents are damaged; bring them from a backup")
        return AdminCommand.Report(lines, failure: bad > 0 ? failure : nil)
    }
}
