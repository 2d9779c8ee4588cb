import FoundationEssentials
import MeshContract

/// The OpenAPI 3.1 document, made from the declarations that route the requests.
public struct OpenAPI: Encodable, Sendable {
    struct Info: Encodable {
        let title = "Atelier"
        let version: String
    }
    /// A class for its own kind within it.
    final class Schema: Encodable, Sendable {
        let type: String
        let properties: [String: Schema]?
        let required: [String]?
        let items: Schema?
        let additionalProperties: Schema?

        init(
            type: String, properties: [String: Schema]? = nil, required: [String]? = nil,
            items: Schema? = nil, additionalProperties: Schema? = nil
        ) {
            (self.type, self.properties, self.required) = (type, properties, required)
            (self.items, self.additionalProperties) = (items, additionalProperties)
        }
    }
    struct Media: Encodable { let schema: Schema }
    struct Body: Encodable {
        let required = true
        let content: [String: Media]
    }
    struct Reply: Encodable {
        let description: String
        let content: [String: Media]?
    }
    struct Parameter: Encodable {
        let name: String
        let `in` = "path"
        let required = true
        let schema = Schema(type: "string")
    }
    struct Operation: Encodable {
        let summary: String
        let operationId: String
        let parameters: [Parameter]?
        let requestBody: Body?
        let responses: [String: Reply]
        let security: [[String: [String]]]
    }
    struct Scheme: Encodable {
        let type = "http"
        let scheme = "bearer"
        let description =
            "An access token or an API key. Our own page has its token in a cookie instead."
    }
    struct Components: Encodable { let securitySchemes = ["bearer": Scheme()] }

    let openapi = "3.1.0"
    let info: Info
    let paths: [String: [String: Operation]]
    let components = Components()

    public init(_ endpoints: [Endpoint], version: String) {
        info = Info(version: version)
        var paths: [String: [String: Operation]] = [:]
        for endpoint in endpoints {
            let path = endpoint.isRoot ? endpoint.path : "/api/v1" + endpoint.path
            paths[path, default: [:]][endpoint.method.lowercased()] = Self.operation(endpoint, path)
        }
        self.paths = paths
    }

    /// The document's bytes. Keys are written as they stand here, not in `snake_case`.
    public func encoded() throws -> [UInt8] {
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
        return try Array(encoder.encode(self))
    }

    private static func operation(_ endpoint: Endpoint, _ path: String) -> Operation {
        let names = path.split(separator: "/").filter { $0.hasPrefix("{") }
            .map { String($0.dropFirst().dropLast()) }
        let problem = Reply(
            description: "A problem document (RFC 9457)",
            content: ["application/problem+json": Media(schema: Schema(type: "object"))])
        let done = Reply(
            description: "Done",
            content: endpoint.replyFields.isEmpty
                ? nil : ["application/json": Media(schema: schema(endpoint.replyFields))])
        return Operation(
            summary: endpoint.summary,
            operationId: endpoint.method.lowercased()
                + path.split { !$0.isLetter && !$0.isNumber }.map { "_" + $0 }.joined(),
            parameters: names.isEmpty ? nil : names.map { Parameter(name: $0) },
            requestBody: endpoint.bodyFields.isEmpty
                ? nil
                : Body(content: ["application/json": Media(schema: schema(endpoint.bodyFields))]),
            responses: ["2XX": done, "default": problem],
            security: endpoint.access == .anyone ? [] : [["bearer": []]])
    }

    private static func schema(_ fields: [Field]) -> Schema {
        Schema(
            type: "object",
            properties: Dictionary(
                fields.map { (snake($0.name), schema(of: $0.type[...], $0.inner)) },
                uniquingKeysWith: { first, _ in first }),
            required: fields.filter { !$0.isOptional }.map { snake($0.name) })
    }

    private static func schema(of type: Substring, _ inner: [Field]) -> Schema {
        switch type {
        case "String": return Schema(type: "string")
        case "Bool": return Schema(type: "boolean")
        case "Int", "Int64": return Schema(type: "integer")
        case "Double": return Schema(type: "number")
        default: break
        }
        for (holder, isList) in [("Array<", true), ("Dictionary<String, ", false)]
        where type.hasPrefix(holder) {
            let content = schema(of: type.dropFirst(holder.count).dropLast(), inner)
            return isList
                ? Schema(type: "array", items: content)
                : Schema(type: "object", additionalProperties: content)
        }
        return inner.isEmpty ? Schema(type: "object") : schema(inner)
    }

    private static func snake(_ text: String) -> String { JSONCoding.snake(text) }
}
