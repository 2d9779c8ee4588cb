import Testing

@testable import Dialects

/// Both directions of a dialect's requests.
enum Codec {
    static func decode(_ value: JSONValue, _ name: DialectName) throws -> ModelRequest {
        switch name {
        case .anthropic: return try AnthropicDecoder.request(value, counting: false)
        case .openai: return try ChatDecoder.request(value)
        case .responses: return try ResponsesDecoder.request(value)
        case .gemini:
            return try GeminiDecoder.request(value, model: "gemini-3-flash", isStreamed: true)
        case .ollama: return try OllamaDecoder.request(value)
        }
    }

    /// As a client's request would have it, with everything that the dialect can carry.
    static func encode(_ request: ModelRequest, _ name: DialectName) throws -> JSONValue {
        switch name {
        case .anthropic:
            let encoder = AnthropicEncoder(takesSampling: true, carriesForeign: true)
            return .object(try encoder.request(request))
        case .openai: return .object(try ChatEncoder(flavor: .served).request(request))
        case .responses:
            return .object(try ResponsesEncoder(carriesForeign: true).request(request))
        case .gemini: return .object(try GeminiEncoder().request(request))
        case .ollama: return .object(try OllamaEncoder().request(request))
        }
    }

    /// As a provider is asked.
    static func outgoing(_ request: ModelRequest, _ name: DialectName) throws -> JSONValue {
        let endpoint = Endpoint(baseURL: "http://a", key: "k")
        return try json(try name.dialect.request(request, endpoint: endpoint))
    }
}
