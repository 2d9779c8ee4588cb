/// Errors as Anthropic writes them.
public enum AnthropicFault {
    /// A request's mistake in Anthropic's words, which begin with the field.
    public static func fault(_ error: InvalidRequest) -> ServedFault {
        let field = error.path.dots
        let words = words(error.problem)
        return ServedFault(
            .badRequest, field.isEmpty ? words : "\(field): \(words)", path: error.path,
            isRetryable: false)
    }

    private static func words(_ problem: InvalidRequest.Problem) -> String {
        switch problem {
        case .noJSON(let words): "The request body is not valid JSON: \(words)"
        case .missing: "Field required"
        case .wrongType(let expected, _): "Input should be a valid \(expected)"
        case .unknownValue(_, let allowed):
            "Input should be " + allowed.map { "'\($0)'" }.joined(separator: ", ")
        case .outOfRange(_, let least, let most):
            "Input should be "
                + [
                    least.map { "greater than or equal to \($0)" },
                    most.map { "less than or equal to \($0)" },
                ].compactMap(\.self).joined(separator: " and ")
        case .tooFew(let least): "at least \(least) item is required"
        case .tooMany(let most): "at most \(most) items are allowed"
        case .unsupported(let what): "this server gives \(what)"
        case .other(let words): words
        }
    }

    static func object(_ fault: ServedFault, request: String? = nil) -> JSONValue {
        var error: JSONObject = [
            "type": .string(type(fault.kind)), "message": .string(fault.message),
        ]
        if let code = fault.code { error["details"] = ["error_code": .string(code)] }
        var object: JSONObject = ["type": "error", "error": .object(error)]
        object.set("request_id", request)
        return .object(object)
    }

    public static func reply(_ fault: ServedFault) -> ErrorReply {
        fault.reply(status(fault.kind), object(fault))
    }

    private static func type(_ kind: ServedFault.Kind) -> String {
        switch kind {
        case .badRequest: "invalid_request_error"
        case .unauthorized: "authentication_error"
        case .forbidden: "permission_error"
        case .notFound: "not_found_error"
        case .tooLarge: "request_too_large"
        case .rateLimited: "rate_limit_error"
        case .quota: "billing_error"
        case .overloaded: "overloaded_error"
        case .timeout: "timeout_error"
        case .server, .upstream: "api_error"
        }
    }

    private static func status(_ kind: ServedFault.Kind) -> Int {
        switch kind {
        case .badRequest: 400
        case .unauthorized: 401
        case .quota: 402
        case .forbidden: 403
        case .notFound: 404
        case .tooLarge: 413
        case .rateLimited: 429
        case .overloaded: 529
        case .timeout: 504
        case .server: 500
        case .upstream: 502
        }
    }
}
