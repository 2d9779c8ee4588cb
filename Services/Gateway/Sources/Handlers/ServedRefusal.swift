import Contracts
import MeshContract
import REST

/// What fails before or beside the providers service, in the words that the clients of an interface
/// expect: OpenAI's libraries read `error.message`, Anthropic's `error.type` as well.
struct ServedRefusal: Sendable {
    private struct OpenAI: Encodable {
        struct Body: Encodable {
            var message: String
            var type: String
            var code: String?
        }
        var error: Body
    }

    private struct Anthropic: Encodable {
        struct Body: Encodable {
            var type: String
            var message: String
        }
        let type = "error"
        var error: Body
        var requestId: String?
    }

    /// An event of OpenAI's responses.
    private struct ResponsesEvent: Encodable {
        let type = "error"
        var code: String?
        var message: String
        var error: OpenAI.Body
    }

    let interface: Providers.Interface

    init(_ interface: Providers.Interface) { self.interface = interface }

    var isAnthropic: Bool { interface == .messages || interface == .countTokens }

    func answer(_ fault: Fault, _ requestID: String) -> Answer {
        let problem = Problem(fault, requestID: requestID)
        // Anthropic says 529 where others say 503.
        let status = isAnthropic && fault.code == .overloaded ? 529 : problem.status
        var headers = [("Content-Type", "application/json")]
        headers += Problem.headers(for: fault).filter { $0.0 != "WWW-Authenticate" }
        if isAnthropic { headers.append(("request-id", requestID)) }
        if fault.code == .unauthenticated || fault.code == .denied {
            headers.append(("x-should-retry", "false"))
        }
        return .bytes(status, headers: headers, body(fault, status, requestID))
    }

    /// The last event of a stream that cannot be finished.
    func event(_ fault: Fault) -> [UInt8] {
        let status = Problem(fault, requestID: "").status
        let name: String?
        let data: [UInt8]
        switch interface {
        case .responses:
            let error = openAI(fault, status)
            name = "error"
            data = encoded(
                ResponsesEvent(code: error.code, message: error.message, error: error))
        default:
            name = isAnthropic ? "error" : nil
            data = body(fault, status, nil)
        }
        return Array((name.map { "event: \($0)\n" } ?? "").utf8) + Array("data: ".utf8) + data
            + Array("\n\n".utf8)
    }

    private func body(_ fault: Fault, _ status: Int, _ requestID: String?) -> [UInt8] {
        if isAnthropic {
            return encoded(
                Anthropic(
                    error: .init(type: anthropicType(status), message: words(fault)),
                    requestId: requestID))
        }
        return encoded(OpenAI(error: openAI(fault, status)))
    }

    private func words(_ fault: Fault) -> String {
        switch fault.code {
        case .internal: "internal error"
        case .unavailable: "the service is not available at the moment"
        default: fault.message
        }
    }

    private func openAI(_ fault: Fault, _ status: Int) -> OpenAI.Body {
        let (type, code): (String, String?) =
            switch status {
            case 401: ("invalid_request_error", "invalid_api_key")
            case 403: ("invalid_request_error", "permission_denied")
            case 413: ("invalid_request_error", "request_too_large")
            case 429: ("requests", "rate_limit_exceeded")
            case 400..<500: ("invalid_request_error", nil)
            default: ("server_error", fault.code.rawValue)
            }
        return OpenAI.Body(message: words(fault), type: type, code: code)
    }

    private func anthropicType(_ status: Int) -> String {
        switch status {
        case 401: "authentication_error"
        case 403: "permission_error"
        case 404: "not_found_error"
        case 413: "request_too_large"
        case 429: "rate_limit_error"
        case 400..<500: "invalid_request_error"
        case 503, 529: "overloaded_error"
        case 504: "timeout_error"
        default: "api_error"
        }
    }

    private func encoded(_ value: some Encodable) -> [UInt8] {
        (try? JSONCoding.encode(value)) ?? Array("{}".utf8)
    }
}
