import JSON

/// How requests fail, as the reference tells it.
enum Failures {
    private static let meanings: [Int: String] = [
        400: "The request is not valid; `errors` points at every refused field",
        401: "No valid credentials",
        402: "Not enough credits",
        403: "Known, and not allowed",
        404: "Not there, or somebody else's",
        408: "The body came too slowly",
        409: "The state of things forbids it, or the same request is being answered",
        413: "The body is too large",
        415: "The body is of a type that is not read here",
        416: "The range lies outside of the content",
        422: "The `Idempotency-Key` came with another request before",
        429: "Too many requests",
        500: "Ours to mend; the log has the cause under `request_id`",
        502: "Somebody else's service failed",
        503: "A service is away, or has too much to do",
        504: "It took too long",
    ]

    /// What may become of any request, by what the endpoint is.
    static func statuses(of endpoint: Endpoint) -> [Int] {
        var all: Set<Int> = [400, 413, 429, 500, 503, 504]
        if endpoint.access != .anyone { all.formUnion([401, 403]) }
        if endpoint.path.contains("{") { all.insert(404) }
        if !endpoint.reference.bodyTypes.isEmpty { all.formUnion([408, 415]) }
        if endpoint.method != "GET" { all.insert(409) }
        if endpoint.isKeyed { all.insert(422) }
        return all.union(endpoint.reference.failures).sorted()
    }

    static var responses: [String: JSONValue] {
        var all: [String: JSONValue] = [:]
        for (status, meaning) in meanings {
            var response: [String: JSONValue] = [
                "description": .text(meaning),
                "content": [
                    "application/problem+json": ["schema": ["$ref": "#/components/schemas/Problem"]]
                ],
            ]
            if status == 429 || status == 503 {
                response["headers"] = ["Retry-After": ["$ref": "#/components/headers/RetryAfter"]]
            }
            all["\(status)"] = .object(response)
        }
        // What is outside of a content is told by a header alone.
        all["416"] = ["description": .text(meanings[416] ?? "")]
        return all
    }

    static let schema: JSONValue = [
        "type": "object",
        "required": ["type", "title", "status", "detail", "code", "request_id"],
        "properties": [
            "type": ["type": "string", "description": "`urn:atelier:problem:` and the code"],
            "title": ["type": "string"],
            "status": ["type": "integer"],
            "detail": ["type": "string"],
            "code": ["type": "string", "description": "Of an open set, such as `not-found`"],
            "request_id": ["type": "string", "description": "Under which the log has it"],
            "upstream": ["type": "string", "description": "A provider's own words"],
            "errors": [
                "type": "array",
                "items": [
                    "type": "object", "required": ["pointer", "detail"],
                    "properties": [
                        "pointer": [
                            "type": "string", "description": "A JSON pointer (RFC 6901)",
                        ],
                        "detail": ["type": "string"],
                    ],
                ],
            ],
        ],
        "example": [
            "type": "urn:atelier:problem:invalid", "title": "Invalid request", "status": 400,
            "detail": "a field was refused", "code": "invalid", "request_id": "req_5gxk2m8q1za",
            "errors": [["pointer": "/max_rounds", "detail": "is not a whole number"]],
        ],
    ]
}
