import Dialects
import MeshContract

/// A value of the file and where it is.
struct Node {
    let value: JSONValue
    let pointer: String

    init(_ value: JSONValue, _ pointer: String) { (self.value, self.pointer) = (value, pointer) }

    subscript(name: String) -> Node? {
        value[name].map { Node($0, "\(pointer)/\(Self.escaped(name))") }
    }

    /// A name within a pointer (RFC 6901).
    static func escaped(_ name: String) -> String {
        var text = ""
        for character in name {
            switch character {
            case "~": text += "~0"
            case "/": text += "~1"
            default: text.append(character)
            }
        }
        return text
    }
}

extension RouteReading {
    mutating func budget(_ node: Node) -> Budget? {
        check(node, knows: ["name", "scope", "subject", "period", "usd", "unpriced"])
        guard let name = text(node, "name") else {
            blame(node.pointer, "needs a name")
            return nil
        }
        checkName(name, node.pointer + "/name")
        guard let scope = text(node, "scope").flatMap(Budget.Scope.init(rawValue:)) else {
            return miss(node, "scope", "is one of key, user, project, run, all")
        }
        guard let period = text(node, "period").flatMap(Budget.Period.init(rawValue:)) else {
            return miss(node, "period", "is one of day, month, total")
        }
        let amount: String? =
            switch node["usd"]?.value {
            case .number(let number): number.literal
            case .string(let text): text
            default: nil
            }
        guard let limit = amount.flatMap(NanoUSD.parse) else {
            return miss(node, "usd", "is an amount of dollars, as in 12.50")
        }
        let unpriced = text(node, "unpriced") ?? "refuse"
        guard ["refuse", "allow"].contains(unpriced) else {
            return miss(node, "unpriced", "is refuse or allow")
        }
        return Budget(
            name, scope, subject: text(node, "subject") ?? Budget.everyone, period: period,
            limit: limit, allowsUnpriced: unpriced == "allow")
    }

    mutating func cache(_ node: Node) -> CacheRule? {
        check(node, knows: ["ttl_seconds", "max_mib", "all"])
        guard let seconds = number(node, "ttl_seconds", 1...31_536_000) else {
            return miss(node, "ttl_seconds", "is needed")
        }
        let size = number(node, "max_mib", 1...65_536) ?? 64
        let all = node["all"]?.value
        if let all, all.bool == nil { blame(node.pointer + "/all", "is true or false") }
        return CacheRule(
            time: .seconds(seconds), bytes: size << 20, isForAll: all?.bool ?? false)
    }

    // MARK: Members

    mutating func blame(_ pointer: String, _ message: String) {
        guard !faults.contains(where: { $0.pointer == pointer }) else { return }
        faults.append(FieldFault(pointer, message))
    }

    private mutating func miss<T>(_ node: Node, _ name: String, _ message: String) -> T? {
        blame("\(node.pointer)/\(name)", message)
        return nil
    }

    /// A word that is written wrongly would otherwise be a setting that does nothing.
    mutating func check(_ node: Node, knows names: Set<String>) {
        guard let object = node.value.object else {
            return blame(node.pointer, "is an object, not \(node.value.kind)")
        }
        for name in object.keys where !names.contains(name) {
            blame("\(node.pointer)/\(Node.escaped(name))", "is not known here")
        }
    }

    mutating func checkName(_ name: String, _ pointer: String) {
        let isName = name.utf8.allSatisfy {
            (0x61...0x7A).contains($0) || (0x41...0x5A).contains($0) || (0x30...0x39).contains($0)
                || [0x2D, 0x2E, 0x5F, 0x2F, 0x3A].contains($0)
        }
        if !isName || !(1...64).contains(name.utf8.count) {
            blame(pointer, "is 1 to 64 letters, digits, or any of - . _ / :")
        }
    }

    mutating func members(of node: Node, _ name: String, most: Int) -> [(String, Node)] {
        guard let inner = node[name] else { return [] }
        guard let object = inner.value.object else {
            blame(inner.pointer, "is an object, not \(inner.value.kind)")
            return []
        }
        if object.count > most { blame(inner.pointer, "has at most \(most)") }
        return object.members.prefix(most).map { name, value in
            let pointer = "\(inner.pointer)/\(Node.escaped(name))"
            checkName(name, pointer)
            return (name, Node(value, pointer))
        }
    }

    mutating func items(of node: Node, _ name: String, _ count: ClosedRange<Int>) -> [Node] {
        let pointer = "\(node.pointer)/\(name)"
        let items = node[name]?.value.array
        if let value = node[name]?.value, items == nil {
            blame(pointer, "is an array, not \(value.kind)")
            return []
        }
        guard count.contains(items?.count ?? 0) else {
            blame(pointer, "has \(count.lowerBound) to \(count.upperBound)")
            return []
        }
        return (items ?? []).enumerated().map { Node($1, "\(pointer)/\($0)") }
    }

    mutating func text(_ node: Node, _ name: String) -> String? {
        guard let value = node[name]?.value else { return nil }
        guard let text = value.string, !text.isEmpty else {
            blame("\(node.pointer)/\(name)", "is a text, and not empty")
            return nil
        }
        return text
    }

    mutating func number(_ node: Node, _ name: String, _ range: ClosedRange<Int>) -> Int? {
        guard let value = node[name]?.value else { return nil }
        guard let number = value.int, range.contains(number) else {
            blame(
                "\(node.pointer)/\(name)",
                "is a whole number from \(range.lowerBound) to \(range.upperBound)")
            return nil
        }
        return number
    }
}
