import FoundationEssentials
import JSON

/// Finds the number that a decoder refused without saying where it stands, such as 2.5 for a whole
/// number: each one that is not small and whole is replaced in turn, until the refusal changes.
enum Misfit {
    /// Past these the answer is not worth its cost.
    private static let largestBody = 64 << 10
    private static let mostNumbers = 64

    /// A JSON pointer; nil when it is not a number that the decoder stumbles over.
    static func pointer<T: Decodable>(in body: [UInt8], for type: T.Type) -> String? {
        guard body.count <= largestBody,
            var tree = JSONValue(parsing: body)
        else { return nil }
        for path in tree.numbers(limit: mostNumbers) {
            tree.replace(at: path[...])
            guard let changed = try? JSONEncoder().encode(tree) else { return nil }
            if !isMisfit(Array(changed), for: type) {
                return path.map { "/" + JSONCoding.escaped($0) }.joined()
            }
        }
        return nil
    }

    private static func isMisfit<T: Decodable>(_ body: [UInt8], for type: T.Type) -> Bool {
        do {
            _ = try JSONCoding.value(type, from: body)
            return false
        } catch DecodingError.dataCorrupted(let context) {
            return context.codingPath.isEmpty
        } catch {
            return false
        }
    }
}

extension JSONValue {
    /// The paths of numbers that might not fit, in an order that is always the same.
    fileprivate func numbers(limit: Int) -> [[String]] {
        switch self {
        case .number(let value):
            return value.rounded() == value && abs(value) < 1e9 ? [] : [[]]
        case .list(let values):
            return below(values.enumerated().map { ("\($0.offset)", $0.element) }, limit)
        case .object(let values):
            return below(values.sorted { $0.key < $1.key }.map { ($0.key, $0.value) }, limit)
        case .null, .bool, .text: return []
        }
    }

    private func below(_ parts: [(String, JSONValue)], _ limit: Int) -> [[String]] {
        var found: [[String]] = []
        for (name, part) in parts {
            found += part.numbers(limit: limit).map { [name] + $0 }
            if found.count >= limit { break }
        }
        return Array(found.prefix(limit))
    }

    fileprivate mutating func replace(at path: ArraySlice<String>) {
        guard let name = path.first else {
            self = .number(0)
            return
        }
        switch self {
        case .list(var values):
            guard let index = Int(name), values.indices.contains(index) else { return }
            values[index].replace(at: path.dropFirst())
            self = .list(values)
        case .object(var values):
            values[name]?.replace(at: path.dropFirst())
            self = .object(values)
        case .null, .bool, .number, .text: return
        }
    }
}
