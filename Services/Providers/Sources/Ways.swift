import Dialects
import FoundationEssentials
import MeshContract
import Routing
import ServiceKit

/// Every endpoint and key that can be used, and the routes over them: from the environment, and from
/// the file of routes.
struct Ways: Sendable {
    let book: RouteBook
    private let endpoints: [Lane: Endpoint]

    /// `file` is what the file of routes holds.
    init(_ config: ProvidersConfig, _ settings: Settings, file: [UInt8]? = nil) throws(Fault) {
        var known: [ProviderEntry] = []
        var secrets: [Lane: String] = [:]
        for (dialect, upstream) in config.upstreams {
            let name = dialect.rawValue
            var entry = ProviderEntry(name, dialect, baseURL: upstream.endpoint.baseURL)
            let keys = upstream.endpoints.compactMap(\.key)
            for (index, key) in keys.enumerated() {
                // One key alone needs no name.
                let keyName = keys.count == 1 ? "" : "\(index + 1)"
                entry.keys.append(KeyEntry(keyName, variable: ""))
                secrets[Lane(name, keyName)] = key
            }
            known.append(entry)
        }
        if let file {
            book = try RouteBook(parsing: file, known: known)
        } else {
            book = RouteBook(providers: known)
        }
        endpoints = try Self.endpoints(book, secrets, settings)
    }

    /// The bytes of the file that a setting names; nil for none.
    static func file(_ settings: Settings, _ name: String) throws(Fault) -> [UInt8]? {
        guard let path = settings.text(name) else { return nil }
        do {
            return Array(try Data(contentsOf: URL(filePath: path)))
        } catch {
            throw Fault(.invalid, "\(name) names \(path), which cannot be read")
        }
    }

    private static func endpoints(
        _ book: RouteBook, _ secrets: [Lane: String], _ settings: Settings
    ) throws(Fault) -> [Lane: Endpoint] {
        var endpoints: [Lane: Endpoint] = [:]
        for entry in book.providers.values {
            let url = entry.baseURL ?? standardURL(entry.dialect)
            if entry.keys.isEmpty { endpoints[Lane(entry.name)] = Endpoint(baseURL: url) }
            for key in entry.keys {
                let lane = Lane(entry.name, key.name)
                var secret = secrets[lane]
                if !key.variable.isEmpty {
                    secret = try ProvidersConfig.key(key.variable, settings)
                    guard secret != nil else {
                        throw Fault(
                            .invalid, "the routes name \(key.variable), which is not set",
                            detail: "for the key \(key.name) of \(entry.name)")
                    }
                }
                endpoints[lane] = Endpoint(baseURL: url, key: secret)
            }
        }
        return endpoints
    }

    func endpoint(_ lane: Lane) -> Endpoint? { endpoints[lane] }

    /// Where a user's own key of a provider is used.
    func baseURL(of provider: String) -> String? {
        if let entry = book.providers[provider] {
            return entry.baseURL ?? Self.standardURL(entry.dialect)
        }
        return DialectName(rawValue: provider).flatMap {
            $0 == .ollama ? nil : Self.standardURL($0)
        }
    }

    func dialect(of provider: String) -> DialectName? {
        book.providers[provider]?.dialect ?? DialectName(rawValue: provider)
    }

    static func standardURL(_ dialect: DialectName) -> String {
        switch dialect {
        case .anthropic: "https://api.anthropic.com"
        case .openai, .responses: "https://api.openai.com/v1"
        case .gemini: "https://generativelanguage.googleapis.com"
        case .ollama: "http://127.0.0.1:11434"
        }
    }
}
