import Contracts
import Crypto
import Dialects
import MeshContract
import Wire

/// What a request must be, before anything is written or sent.
enum RequestRules {
    static let longestName = 256
    static let mostMessages = 1_000
    static let largestText = 4 << 20
    static let mostTokens = 1_000_000

    static func check(_ request: Providers.Generate) throws(Fault) {
        var faults: [FieldFault] = []
        func expect(_ holds: Bool, _ field: String, _ message: String) {
            if !holds { faults.append(FieldFault(field, message)) }
        }
        func isName(_ text: String) -> Bool { text.utf8.count <= longestName }
        expect(!request.key.isEmpty && isName(request.key), "/key", "takes 1 to 256 bytes")
        let names = [
            ("/user", request.user), ("/run", request.run), ("/agent", request.agent),
            ("/provider", request.provider ?? ""), ("/model", request.model ?? ""),
        ]
        for (field, name) in names { expect(isName(name), field, "takes at most 256 bytes") }
        if let project = request.project {
            expect((1...128).contains(project.utf8.count), "/project", "takes 1 to 128 bytes")
        }
        expect(!request.messages.isEmpty, "/messages", "needs one at least")
        expect(request.messages.count <= mostMessages, "/messages", "takes at most 1000")
        for (index, message) in request.messages.prefix(mostMessages).enumerated() {
            let isKnown = ["user", "assistant"].contains(message.role)
            expect(isKnown, "/messages/\(index)/role", "is user or assistant")
        }
        let bytes = request.messages.reduce(request.system.utf8.count) {
            $0 + $1.content.utf8.count
        }
        expect(bytes <= largestText, "/messages", "takes at most 4 MiB of text")
        expect((1...mostTokens).contains(request.maxTokens), "/maxTokens", "is from 1 to 1000000")
        if let temperature = request.temperature {
            expect(temperature >= 0 && temperature <= 2, "/temperature", "is from 0 to 2")
        }
        guard faults.isEmpty else {
            throw Fault(.invalid, "the request cannot be answered", fields: faults)
        }
    }

    /// Alike for requests that mean the same: nothing and an empty name do.
    static func digest(_ request: Providers.Generate) throws -> String {
        var request = request
        if request.provider?.isEmpty == true { request.provider = nil }
        if request.model?.isEmpty == true { request.model = nil }
        return SHA256.hex(try WireEncoder.canonical(request))
    }

    /// The request in no provider's dialect.
    static func chat(_ request: Providers.Generate, provider: String, model: String) -> ModelRequest
    {
        let known = ModelCatalogue.find(model, of: provider)
        return ModelRequest(
            model: model, system: request.system.isEmpty ? [] : [.plain(request.system)],
            messages: request.messages.map {
                ModelMessage($0.role == "assistant" ? .assistant : .user, $0.content)
            },
            sampling: Sampling(
                temperature: known?.takesTemperature == false ? nil : request.temperature),
            maxTokens: request.maxTokens)
    }

    /// Why a model stopped, as the contract says it.
    static func word(_ reason: StopReason) -> String {
        switch reason {
        case .end: "end"
        case .length: "length"
        case .stopSequence: "stop-sequence"
        case .toolUse: "tool-use"
        case .pause: "pause"
        case .refusal: "refusal"
        case .contextWindow: "context-window"
        case .other(let word): word.isEmpty ? "other" : String(word.prefix(64))
        }
    }
}
