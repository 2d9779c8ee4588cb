import Curl
import Dialects
import FoundationEssentials
import Lifecycle
import Log

/// Finds an Ollama by itself, and notices when it comes or goes: `GET /api/tags`.
struct OllamaWatch: Sendable {
    let http: HTTPClient
    let directory: ProviderDirectory
    let log: Log

    private static let period = Duration.seconds(30)
    private static let mostModels = 200

    var job: Running {
        Running("ollama-watch") {
            while !Task.isCancelled {
                try await Task.sleep(for: Self.period)
                await look()
            }
        }
    }

    /// Looks once, briefly.
    func look() async {
        guard let endpoint = directory.upstream(DialectName.ollama.rawValue)?.endpoint else {
            return
        }
        let models = await list(endpoint)
        guard directory.noteOllama(models) else { return }
        if let models {
            log.info("found Ollama", ["url": endpoint.baseURL, "models": "\(models.count)"])
        } else {
            log.info("Ollama is gone", ["url": endpoint.baseURL])
        }
    }

    private func list(_ endpoint: Endpoint) async -> [String]? {
        let request = ClientRequest(
            url: endpoint.baseURL + "/api/tags", connectTimeout: .milliseconds(500),
            deadline: .seconds(2), maxBody: 1 << 20)
        // Whatever goes wrong means the same: it is not there.
        guard let response = try? await http.send(request), response.status == 200,
            let tags = try? JSONDecoder().decode(Tags.self, from: Data(response.body))
        else { return nil }
        return Array(tags.models.map(\.name).prefix(Self.mostModels))
    }

    private struct Tags: Decodable {
        struct Model: Decodable { let name: String }
        let models: [Model]
    }
}
