/// Texts to be turned into vectors, in no provider's dialect.
public struct EmbeddingRequest: Sendable, Equatable {
    public enum Inputs: Sendable, Equatable {
        case texts([String])
        /// Texts that are cut into tokens already (OpenAI).
        case tokens([[Int]])

        public var count: Int {
            switch self {
            case .texts(let texts): texts.count
            case .tokens(let lists): lists.count
            }
        }
    }

    public var model: String
    public var inputs: Inputs
    /// How long the vectors are to be; nil for the model's own length.
    public var dimensions: Int?
    /// Whether the client wants base64, as the official libraries ask for it.
    public var wantsBase64: Bool
    public var user: String?
    public var extras: Extras

    public init(
        model: String, inputs: Inputs, dimensions: Int? = nil, wantsBase64: Bool = false,
        user: String? = nil, extras: Extras = Extras()
    ) {
        (self.model, self.inputs, self.dimensions) = (model, inputs, dimensions)
        (self.wantsBase64, self.user, self.extras) = (wantsBase64, user, extras)
    }

    func validate() throws(UpstreamFailure) {
        if model.isEmpty { throw .badRequest("the request names no model") }
        if inputs.count == 0 { throw .badRequest("the request has nothing to embed") }
    }

    /// The texts, for dialects that know no tokens.
    func texts(for name: String) throws(UpstreamFailure) -> [String] {
        guard case .texts(let texts) = inputs else {
            throw .badRequest("\(name) embeds texts, and no tokens")
        }
        return texts
    }
}

/// A vector for each input, in their order.
public struct EmbeddingAnswer: Sendable, Equatable {
    public var model: String
    public var vectors: [[Float]]
    /// Nil where the provider gave no figures.
    public var usage: TokenUsage?

    public init(model: String, vectors: [[Float]], usage: TokenUsage? = nil) {
        (self.model, self.vectors, self.usage) = (model, vectors, usage)
    }
}

/// A dialect in which vectors can be asked for.
public protocol Embedding: Dialect {
    func embeddingCall(
        _ request: EmbeddingRequest, endpoint: Endpoint
    ) throws(UpstreamFailure) -> OutgoingCall

    /// Reads a response with status 200 to `request`; as many vectors as there were inputs, or a
    /// failure.
    func embeddings(
        _ body: [UInt8], for request: EmbeddingRequest
    ) throws(UpstreamFailure) -> EmbeddingAnswer
}

extension EmbeddingAnswer {
    /// Vectors that are complete: one for each input, each of numbers.
    static func checked(
        _ answer: EmbeddingAnswer, for request: EmbeddingRequest
    ) throws(UpstreamFailure) -> EmbeddingAnswer {
        guard answer.vectors.count == request.inputs.count else {
            throw .garbage(
                "\(answer.vectors.count) vectors came for \(request.inputs.count) inputs")
        }
        guard answer.vectors.allSatisfy({ !$0.isEmpty }) else {
            throw .garbage("a vector of the reply is empty")
        }
        return answer
    }

    /// Numbers, or the base64 of little-endian floats.
    static func vector(_ value: JSONValue?) throws(UpstreamFailure) -> [Float] {
        switch value {
        case .array(let numbers)?:
            var vector: [Float] = []
            vector.reserveCapacity(numbers.count)
            for number in numbers {
                guard let double = number.double else {
                    throw .garbage("a vector of the reply holds what is no number")
                }
                vector.append(Float(double))
            }
            return vector
        case .string(let text)?:
            guard let bytes = Base64.decode(text), bytes.count % 4 == 0 else {
                throw .garbage("a vector of the reply is no base64 of floats")
            }
            return stride(from: 0, to: bytes.count, by: 4).map { start in
                var bits: UInt32 = 0
                for place in 0..<4 { bits |= UInt32(bytes[start + place]) << (8 * place) }
                return Float(bitPattern: bits)
            }
        default: throw .garbage("a vector of the reply is missing")
        }
    }
}
