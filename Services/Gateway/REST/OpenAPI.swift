import FoundationEssentials
import MeshContract
import JSON

/// The OpenAPI 3.1 document, made from the declarations that route the requests.
public struct OpenAPI: Sendable {
    /// What a schema says of any JSON.
    static let anything: JSONValue = [:]
    private static let prefix = "/api/v1"

    private static let about = """
        Every path under /api/v1 answers under /api as well. Failures are problem documents \
        (RFC 9457). A token, or an API key, goes into `Authorization: Bearer`.
        """
    private static let keyed = """
        A request that is repeated with the same key within 24 hours gets the first one's answer, \
        and does nothing again
        """

    private let document: JSONValue

    public init(_ endpoints: [Endpoint], version: String) {
        var paths: [String: [String: JSONValue]] = [:]
        for endpoint in endpoints {
            let path = endpoint.isRoot ? endpoint.path : Self.prefix + endpoint.path
            paths[path, default: [:]][endpoint.method.lowercased()] = Self.operation(
                endpoint, path)
        }
        document = [
            "openapi": "3.1.0",
            "info": [
                "title": "Atelier", "version": .text(version),
                "description": .text(Self.about),
            ],
            "jsonSchemaDialect": "https://json-schema.org/draft/2020-12/schema",
            "paths": .object(paths.mapValues { .object($0) }),
            "components": Self.components,
        ]
    }

    /// The document's bytes.
    public func encoded() throws -> [UInt8] {
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
        return try Array(encoder.encode(document))
    }

    // MARK: Operations

    private static func operation(_ endpoint: Endpoint, _ path: String) -> JSONValue {
        let reference = endpoint.reference
        var operation: [String: JSONValue] = [
            "summary": .text(endpoint.summary),
            "operationId": .text(
                endpoint.method.lowercased()
                    + path.split { !$0.isLetter && !$0.isNumber }.map { "_" + $0 }.joined()),
            "tags": [.text(tag(endpoint))],
            "responses": .object(responses(endpoint)),
            "security": endpoint.access == .anyone ? [] : [["bearer": []]],
        ]
        if endpoint.access != .anyone { operation["x-scope"] = .text(endpoint.scope.rawValue) }
        let parameters = parameters(endpoint, path)
        if !parameters.isEmpty { operation["parameters"] = .list(parameters) }
        if !reference.bodyTypes.isEmpty {
            operation["requestBody"] = [
                "required": .bool(!reference.isBodyOptional),
                "content": .object(
                    Dictionary(
                        reference.bodyTypes.map { ($0, body(endpoint, of: $0)) },
                        uniquingKeysWith: { first, _ in first })),
            ]
        }
        return .object(operation)
    }

    private static func tag(_ endpoint: Endpoint) -> String {
        let parts = endpoint.path.split(separator: "/")
        guard let first = parts.first else { return "page" }
        if endpoint.isRoot && first == "v1" { return "models for outside clients" }
        return endpoint.isRoot && parts.count == 1 ? "operations" : String(first)
    }

    private static func parameters(_ endpoint: Endpoint, _ path: String) -> [JSONValue] {
        let names = path.split(separator: "/").filter { $0.hasPrefix("{") }
            .map { String($0.dropFirst().dropLast()) }
        var all: [JSONValue] = names.map { name in
            [
                "name": .text(name), "in": "path", "required": true,
                "schema": ["type": "string", "minLength": 1],
            ]
        }
        all += endpoint.reference.parameters.map { parameter in
            [
                "name": .text(parameter.name), "in": .text(parameter.place.rawValue),
                "required": false, "description": .text(parameter.summary),
                "schema": schema(of: parameter.kind),
            ]
        }
        if endpoint.isKeyed { all.append(["$ref": "#/components/parameters/IdempotencyKey"]) }
        return all
    }

    private static func schema(of kind: Parameter.Kind) -> JSONValue {
        switch kind {
        case .text: ["type": "string"]
        case .number(let range):
            [
                "type": "integer", "minimum": .number(Double(range.lowerBound)),
                "maximum": .number(Double(min(range.upperBound, 1 << 53))),
            ]
        case .choice(let words): ["type": "string", "enum": .list(words.map { .text($0) })]
        }
    }

    private static func body(_ endpoint: Endpoint, of type: String) -> JSONValue {
        guard type == "application/json" || type == "application/x-www-form-urlencoded" else {
            return ["schema": ["type": "string"]]
        }
        let rules = endpoint.reference.rules
        // What is content with nothing, and has no fields, judges whatever comes.
        let untyped: JSONValue = endpoint.reference.isBodyOptional ? anything : ["type": "object"]
        var media: [String: JSONValue] = [
            "schema": endpoint.bodyFields.isEmpty
                ? untyped : SchemaWriter(.request, rules).object(endpoint.bodyFields)
        ]
        if type == "application/json", let example = endpoint.reference.example,
            let value = JSONValue(parsing: Array(example.utf8))
        {
            media["example"] = value
        }
        return .object(media)
    }

    // MARK: Responses

    private static func responses(_ endpoint: Endpoint) -> [String: JSONValue] {
        let reference = endpoint.reference
        var all: [String: JSONValue] = [:]
        all["\(reference.status)"] = success(endpoint)
        for (status, meaning) in reference.others {
            let isEmpty = status == 204 || status == 304
            all["\(status)"] =
                isEmpty
                ? ["description": .text(meaning)]
                : ["description": .text(meaning), "content": content(endpoint)]
        }
        guard endpoint.refusal == nil else {
            // The interfaces of others have failures of their own.
            let own: JSONValue = [
                "description": "A failure, as the interface tells it",
                "content": [
                    "application/json": ["schema": ["type": "object"]],
                    // What is refused before it is a request of any interface.
                    "application/problem+json": [
                        "schema": ["$ref": "#/components/schemas/Problem"]
                    ],
                ],
            ]
            return all.merging(["4XX": own, "5XX": own]) { first, _ in first }
        }
        for status in Failures.statuses(of: endpoint) where all["\(status)"] == nil {
            all["\(status)"] = ["$ref": .text("#/components/responses/\(status)")]
        }
        return all
    }

    private static func success(_ endpoint: Endpoint) -> JSONValue {
        var done: [String: JSONValue] = [
            "description": endpoint.reference.status == 201 ? "Made" : "Done"
        ]
        if !endpoint.reference.types.isEmpty { done["content"] = content(endpoint) }
        if endpoint.isKeyed {
            done["headers"] = [
                "Idempotency-Replayed": ["$ref": "#/components/headers/Replayed"]
            ]
        }
        return .object(done)
    }

    private static func content(_ endpoint: Endpoint) -> JSONValue {
        .object(
            Dictionary(
                endpoint.reference.types.map { type in
                    let isRead = type == "application/json" && !endpoint.replyFields.isEmpty
                    let schema: JSONValue =
                        isRead
                        ? SchemaWriter(.reply).object(endpoint.replyFields)
                        : type == "application/json" ? anything : ["type": "string"]
                    return (type, ["schema": schema])
                }, uniquingKeysWith: { first, _ in first }))
    }

    // MARK: Components

    private static var components: JSONValue {
        [
            "securitySchemes": [
                "bearer": [
                    "type": "http", "scheme": "bearer",
                    "description":
                        "An access token or an API key. Our own page has its token in a cookie.",
                ]
            ],
            "schemas": ["Problem": Failures.schema],
            "responses": .object(Failures.responses),
            "parameters": [
                "IdempotencyKey": [
                    "name": "Idempotency-Key", "in": "header", "required": false,
                    "description": .text(keyed),
                    "schema": ["type": "string", "minLength": 1, "maxLength": 200],
                ]
            ],
            "headers": [
                "Replayed": [
                    "description": "`true` where the answer is that of an earlier request",
                    "schema": ["type": "string"],
                ],
                "RetryAfter": [
                    "description": "After how many seconds to try again",
                    "schema": ["type": "string"],
                ],
                "RateLimit": [
                    "description":
                        "`\"user\";r=1199;t=1`: what is left, and seconds until all is again",
                    "schema": ["type": "string"],
                ],
            ],
        ]
    }
}
