/// OpenAI's embeddings as we serve them: `POST /v1/embeddings`.
public enum ServedEmbeddings {
    /// What OpenAI takes in one request.
    private static let mostInputs = 2_048

    public static func request(_ body: [UInt8]) throws(InvalidRequest) -> EmbeddingRequest {
        var top = try Field(value: try JSONValue.request(body), path: .root).members()
        let model = try top.need("model")
        guard try !model.text().isEmpty else { throw model.fail(.tooFew(1)) }
        let input = try top.need("input")
        let (inputs, isPlain) = try inputs(input)
        guard inputs.count > 0 else { throw input.fail(.tooFew(1)) }
        guard inputs.count <= mostInputs else { throw input.fail(.tooMany(mostInputs)) }
        var request = EmbeddingRequest(model: try model.text(), inputs: inputs)
        request.dimensions = try top.int("dimensions", 1...65_536)
        let format = try top.take("encoding_format").map { field throws(InvalidRequest) in
            try field.word(["float", "base64"])
        }
        request.wantsBase64 = format == "base64"
        request.user = try top.text("user")
        request.extras = Extras(.openai, top.rest, isPlain ? [.native, .plain] : .native)
        return request
    }

    /// One text, some texts, one list of tokens, or some.
    private static func inputs(
        _ field: Field
    ) throws(InvalidRequest) -> (EmbeddingRequest.Inputs, isPlain: Bool) {
        if let text = field.value.string {
            guard !text.isEmpty else { throw field.fail(.tooFew(1)) }
            return (.texts([text]), true)
        }
        let items = try field.list("string or array")
        switch items.first?.value {
        case .number?: return (.tokens([try numbers(field)]), true)
        case .array?:
            var lists: [[Int]] = []
            for item in items { lists.append(try numbers(item)) }
            return (.tokens(lists), false)
        default: return (.texts(try field.texts()), false)
        }
    }

    private static func numbers(_ field: Field) throws(InvalidRequest) -> [Int] {
        var numbers: [Int] = []
        for item in try field.list() { numbers.append(try item.int(0...Int(Int32.max))) }
        guard !numbers.isEmpty else { throw field.fail(.tooFew(1)) }
        return numbers
    }

    /// `model` is the name that the client knows.
    public static func answer(
        _ answer: EmbeddingAnswer, to request: EmbeddingRequest, model: String
    ) -> [UInt8] {
        let data = answer.vectors.enumerated().map { index, vector -> JSONValue in
            [
                "object": "embedding", "index": JSONValue(index),
                "embedding": request.wantsBase64
                    ? .string(base64(vector)) : .array(vector.map(number)),
            ]
        }
        let tokens = JSONValue(answer.usage?.input ?? 0)
        return JSONValue.object([
            "object": "list", "data": .array(data), "model": .string(model),
            "usage": ["prompt_tokens": tokens, "total_tokens": tokens],
        ]).bytes
    }

    /// The shortest digits that give the same float again.
    private static func number(_ value: Float) -> JSONValue {
        value.isFinite ? .number(JSONNumber(unchecked: "\(value)")) : 0
    }

    private static func base64(_ vector: [Float]) -> String {
        var bytes: [UInt8] = []
        bytes.reserveCapacity(vector.count * 4)
        for value in vector {
            let bits = value.bitPattern
            for shift in [0, 8, 16, 24] { bytes.append(UInt8(bits >> UInt32(shift) & 255)) }
        }
        return Base64.encode(bytes)
    }
}
