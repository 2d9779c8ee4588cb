import MeshContract

/// Looks at a request's fields and names all that are wrong at once.
struct Inspection {
    private static let longest = 200
    private var faults: [FieldFault] = []

    mutating func name(_ text: String, at pointer: String) {
        if text.isEmpty || text.utf8.count > Self.longest {
            faults.append(FieldFault(pointer, "takes 1 to \(Self.longest) bytes"))
        }
    }

    /// The plans' own grants have keys that nobody else may take first.
    mutating func grantKey(_ key: String, at pointer: String) {
        name(key, at: pointer)
        if key.hasPrefix(Allocation.prefix) {
            faults.append(
                FieldFault(pointer, "begins with \(Allocation.prefix), which the plans use"))
        }
    }

    mutating func amount(_ amount: Int64, at pointer: String) {
        if !(1...Credits.most).contains(amount) {
            faults.append(
                FieldFault(pointer, "takes 1 to \(Credits.most) thousandths of a credit"))
        }
    }

    mutating func plan(_ name: String, at pointer: String) -> Plan {
        if let plan = Plan(rawValue: name) { return plan }
        let list = Plan.allCases.map(\.rawValue).joined(separator: ", ")
        faults.append(FieldFault(pointer, "is none of \(list)"))
        return .free
    }

    func end() throws(Fault) {
        if faults.isEmpty { return }
        throw Fault(.invalid, "the request is not in order", fields: faults)
    }
}
