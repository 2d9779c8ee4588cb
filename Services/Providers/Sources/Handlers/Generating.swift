import Contracts
import EventLoop
import Mesh
import MeshContract
import ServiceKit

extension ProvidersNode {
    func generate(
        _ request: Providers.Generate, _ call: Call
    ) async throws -> Providers.StreamInfo {
        try RequestRules.check(request)
        let digest = try RequestRules.digest(request)
        if let live = answers.find(request.key), !live.hasFailed {
            guard live.digest == digest else {
                throw Fault(.conflict, "this key was used for another request")
            }
            return live.info
        }
        let own = keys.providers(of: request.user)
        let choice = Result { () throws(Fault) in
            try directory.choose(provider: request.provider, model: request.model, own: own)
        }
        let opening = AnswerStore.Opening(
            request: request, digest: digest, choice: choice, at: ambient.now())
        return try await store.begin(opening, in: answers) { [directory] in
            directory.isConfigured($0) || own.contains($0)
        }
    }

    func cancelStream(_ request: Providers.CancelStream, _ call: Call) async throws -> Done {
        if let live = answers.find(request.key) {
            guard live.end == nil else { return Done() }
            live.interrupt(.cancelled)
            let deadline = monotonic() &+ min(call.time, .seconds(5)).nanoseconds
            guard try await live.ended(by: deadline) else {
                throw Fault(.timedOut, "the answer is still ending")
            }
            return Done()
        }
        guard let record = try await store.find(request.key) else { throw unknown }
        if record.state == .generating {
            try await store.cancelAbandoned(record, at: ambient.now())
        }
        return Done()
    }

    var unknown: Fault { Fault(.notFound, "there is no answer under this key") }
}
