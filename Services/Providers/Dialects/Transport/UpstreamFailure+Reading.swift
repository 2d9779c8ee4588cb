extension UpstreamFailure {
    /// Reads a response that is not a reply. The dialect's own names for errors go before the
    /// status, which some providers use loosely.
    init(
        status: Int, headers: [(name: String, value: String)], body: [UInt8],
        kind named: (ErrorBody) -> Kind?
    ) {
        let advice = RetryAdvice(headers)
        let error = ErrorBody(reading: body)
        let text = error?.message ?? String(decoding: body.prefix(2000), as: UTF8.self)
        self.init(
            error.flatMap(named) ?? Self.kind(of: status), status: status,
            message: text.isEmpty ? "no reason given" : text,
            retryAfter: advice.after ?? error?.retryAfter, retryable: advice.retryable)
    }

    /// Reads an error in the middle of a stream.
    init(inStream error: ErrorBody, kind named: (ErrorBody) -> Kind?) {
        let status = error.code.flatMap { Int($0) }.flatMap { (400...599).contains($0) ? $0 : nil }
        self.init(
            named(error) ?? status.map(Self.kind) ?? .server,
            message: error.message ?? error.type ?? "no reason given",
            retryAfter: error.retryAfter)
    }

    static func kind(of status: Int) -> Kind {
        switch status {
        case 401, 403: .unauthorized
        case 402: .quota
        case 404: .notFound
        case 408, 504: .timeout
        // A conflict with another request, which passes.
        case 409: .server
        case 429: .rateLimited
        case 503, 529: .overloaded
        case 400..<500: .badRequest
        case 500..<600: .server
        default: .garbage
        }
    }
}
