import MeshContract
import JSON

/// Writes what fields take, or hold, as JSON Schema 2020-12.
struct SchemaWriter {
    /// What a body takes is told more strictly than what an answer holds.
    enum Side { case request, reply }

    let side: Side
    let rules: [String: FieldRule]

    init(_ side: Side, _ rules: [String: FieldRule] = [:]) {
        (self.side, self.rules) = (side, rules)
    }

    func object(_ fields: [Field], at pointer: String = "") -> JSONValue {
        let properties = fields.map { field in
            let name = JSONCoding.snake(field.name)
            return (name, property(field, at: pointer + "/" + name))
        }
        // A page's end is written out.
        let isWritten = { (field: Field) in side == .reply && field.name == "nextCursor" }
        return [
            "type": "object",
            "properties": .object(Dictionary(properties, uniquingKeysWith: { first, _ in first })),
            "required": .list(
                fields.filter { !$0.isOptional || isWritten($0) }
                    .map { .text(JSONCoding.snake($0.name)) }),
        ]
    }

    private func property(_ field: Field, at pointer: String) -> JSONValue {
        var schema = schema(of: field.type[...], field.inner, at: pointer)
        guard field.isOptional else { return schema }
        // Null is as good as absent in what comes in; what goes out leaves it away.
        guard side == .request || field.name == "nextCursor" else { return schema }
        if case .object(var parts) = schema, let type = parts["type"] {
            parts["type"] = [type, "null"]
            if case .list(let words)? = parts["enum"] { parts["enum"] = .list(words + [.null]) }
            schema = .object(parts)
        }
        return schema
    }

    private func schema(of type: Substring, _ inner: [Field], at pointer: String) -> JSONValue {
        switch type {
        case "String": return ruled(["type": "string"], at: pointer)
        case "Bool": return ["type": "boolean"]
        case "Int", "Int64", "Int32", "UInt8", "UInt64":
            return ruled(["type": "integer", "format": "int64"], at: pointer)
        case "Double": return ruled(["type": "number"], at: pointer)
        case "WireValue": return OpenAPI.anything
        default: break
        }
        for (holder, isList) in [("Array<", true), ("Dictionary<String, ", false)]
        where type.hasPrefix(holder) {
            let content = schema(
                of: type.dropFirst(holder.count).dropLast(), inner, at: pointer + "/*")
            return isList
                ? ["type": "array", "items": content]
                : ["type": "object", "additionalProperties": content]
        }
        // What is no record may be any text or number.
        return inner.isEmpty ? OpenAPI.anything : object(inner, at: pointer)
    }

    private func ruled(_ schema: [String: JSONValue], at pointer: String) -> JSONValue {
        var schema = schema
        switch rules[pointer] {
        case .choice(let words): schema["enum"] = .list(words.map { .text($0) })
        case .length(let range):
            schema["minLength"] = .number(Double(range.lowerBound))
            schema["maxLength"] = .number(Double(range.upperBound))
        case .range(let range):
            schema["minimum"] = .number(range.lowerBound)
            schema["maximum"] = .number(range.upperBound)
        case nil: break
        }
        return .object(schema)
    }
}
