import Contracts
import Mesh
import MeshContract

extension StorageNode {
    private static let mostRules = 100

    func usage(_ request: Storage.GetUsage, _ call: Call) async throws -> Storage.Usage {
        try await artifacts.usage(of: request.owner)
    }

    func setQuota(_ request: Storage.SetQuota, _ call: Call) async throws -> Storage.Usage {
        if let fault = DocumentName.identifierFault(request.owner) {
            throw Fault.refusing("/owner", fault)
        }
        guard request.bytes ?? 0 >= 0 else { throw Fault.refusing("/bytes", "is at least 0") }
        return try await artifacts.setQuota(request.bytes, for: request.owner)
    }

    func addRetention(
        _ request: Storage.AddRetention, _ call: Call
    ) async throws -> Storage.Retention {
        var faults: [FieldFault] = []
        if let fault = NamePattern.fault(request.pattern) {
            faults.append(FieldFault("/pattern", fault))
        }
        if request.keepDays == nil && request.keepVersions == nil {
            faults.append(FieldFault("/keepDays", "is missing; so is keepVersions"))
        }
        if let days = request.keepDays, !(1...36_500).contains(days) {
            faults.append(FieldFault("/keepDays", "is from 1 to 36500"))
        }
        if let versions = request.keepVersions, !(1...100_000).contains(versions) {
            faults.append(FieldFault("/keepVersions", "is from 1 to 100000"))
        }
        guard faults.isEmpty else {
            throw Fault(.invalid, "the rule cannot be kept", fields: faults)
        }
        guard try await retention.list().count < Self.mostRules else {
            throw Fault(.capped, "there are \(Self.mostRules) rules; remove one")
        }
        return try await retention.add(request)
    }

    func retentionRules(
        _ request: Storage.ListRetention, _ call: Call
    ) async throws -> Storage.RetentionList {
        Storage.RetentionList(rules: try await retention.list())
    }

    func removeRetention(_ request: Storage.RemoveRetention, _ call: Call) async throws -> Done {
        guard try await retention.remove(request.id) else {
            throw Fault(.notFound, "no rule \(request.id.prefix(64))")
        }
        return Done()
    }

    /// Looks at contents in the order of their names, so that a caller may go on where he was.
    func verify(_ request: Storage.Verify, _ call: Call) async throws -> Storage.Verification {
        try Self.check(request.limit)
        return try await verification(
            after: request.after, limit: request.limit, isThorough: request.isThorough)
    }

    func verification(
        after: String?, limit: Int, isThorough: Bool
    ) async throws -> Storage.Verification {
        let batch = try await artifacts.named(after: after ?? "", limit: limit)
        var report = Storage.Verification(
            checked: 0, bytes: 0, faults: [],
            next: batch.count == limit ? batch.last?.hash.hex : nil)
        for identity in batch {
            if let damage = try await blobs.check(identity, isThorough: isThorough) {
                report.faults.append(
                    Storage.Damage(
                        sha256: identity.hash.hex, what: "\(damage)",
                        artifacts: try await artifacts.names(of: identity.hash, limit: 100)))
            }
            report.checked += 1
            report.bytes += identity.bytes
        }
        return report
    }
}
