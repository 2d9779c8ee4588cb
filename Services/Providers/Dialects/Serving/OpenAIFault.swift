/// Errors as OpenAI writes them, for all of its interfaces.
public enum OpenAIFault {
    /// A request's mistake in OpenAI's words, with the field as `param`.
    public static func fault(_ error: InvalidRequest) -> ServedFault {
        let (message, code) = words(error)
        return ServedFault(
            .badRequest, message, path: error.path == .root ? nil : error.path, code: code,
            isRetryable: false)
    }

    private static func words(_ error: InvalidRequest) -> (String, String?) {
        let field = error.path.brackets
        switch error.problem {
        case .noJSON(let words):
            return ("We could not parse the JSON body of your request: \(words).", nil)
        case .missing:
            return ("Missing required parameter: '\(field)'.", "missing_required_parameter")
        case .wrongType(let expected, let got):
            let place = field.isEmpty ? "the request body" : "'\(field)'"
            return (
                "Invalid type for \(place): expected \(article(expected)), but got "
                    + "\(article(got)) instead.", "invalid_type"
            )
        case .unknownValue(let value, let allowed):
            let list = allowed.map { "'\($0)'" }.joined(separator: ", ")
            return (
                "Invalid value: '\(value)'. Supported values are: \(list).", "invalid_value"
            )
        case .outOfRange(let got, let least, let most):
            let range = [least.map { "at least \($0)" }, most.map { "at most \($0)" }]
            return (
                "Invalid '\(field)': \(got) is out of range. Expected a value of "
                    + range.compactMap(\.self).joined(separator: " and ") + ".",
                "invalid_value"
            )
        case .tooFew(let least):
            return (
                "Invalid '\(field)': empty. Expected a length of at least \(least).",
                "empty_array"
            )
        case .tooMany(let most):
            return (
                "Invalid '\(field)': too long. Expected a length of at most \(most).",
                "array_above_max_length"
            )
        case .unsupported(let what):
            return (
                "Unsupported value for '\(field)': this server gives \(what).",
                "unsupported_value"
            )
        case .other(let words): return ("Invalid '\(field)': \(words).", "invalid_value")
        }
    }

    private static func article(_ kind: String) -> String {
        if kind == "null" { return "null" }
        return ("aeiou".contains(kind.first ?? "x") ? "an " : "a ") + kind
    }

    /// The object under `error`.
    static func object(_ fault: ServedFault) -> JSONValue {
        let (type, code): (String, String?) =
            switch fault.kind {
            case .badRequest: ("invalid_request_error", nil)
            case .unauthorized: ("invalid_request_error", "invalid_api_key")
            case .forbidden: ("invalid_request_error", "permission_denied")
            case .notFound: ("invalid_request_error", "model_not_found")
            case .tooLarge: ("invalid_request_error", "request_too_large")
            case .rateLimited: ("requests", "rate_limit_exceeded")
            case .quota: ("insufficient_quota", "insufficient_quota")
            case .overloaded: ("server_error", "engine_overloaded")
            case .timeout: ("server_error", "timeout")
            case .server: ("server_error", nil)
            case .upstream: ("server_error", "upstream_error")
            }
        let word = fault.code ?? code
        return [
            "message": .string(fault.message), "type": .string(type),
            "param": fault.path.map { .string($0.brackets) } ?? .null,
            "code": word.map { .string($0) } ?? .null,
        ]
    }

    /// A response that is an error, for any of OpenAI's interfaces.
    public static func reply(_ fault: ServedFault) -> ErrorReply {
        fault.reply(status(fault.kind), ["error": object(fault)])
    }

    private static func status(_ kind: ServedFault.Kind) -> Int {
        switch kind {
        case .badRequest: 400
        case .unauthorized: 401
        case .forbidden: 403
        case .notFound: 404
        case .tooLarge: 413
        case .rateLimited, .quota: 429
        case .overloaded: 503
        case .timeout: 504
        case .server: 500
        case .upstream: 502
        }
    }
}
