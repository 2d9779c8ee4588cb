import Dialects
import MeshContract
import ServiceKit

/// What the service reads from its settings, judged before anything starts. Keys stay in
/// `Endpoint`, which leaves them out of every description.
struct ProvidersConfig: Sendable {
    /// One provider that is reached over the network.
    struct Upstream: Sendable {
        var endpoint: Endpoint
        /// The model that configuration asks for in place of the catalogue's default.
        var model: String?
        /// True when configuration names the place itself.
        var isExplicit: Bool
        /// One for each of its keys; `endpoint` is the first.
        var endpoints: [Endpoint] = []
    }

    /// The dialects that settings can name.
    static let spoken: [DialectName] = [.anthropic, .openai, .ollama]
    static let names = spoken.map(\.rawValue) + [offline]
    static let offline = "offline"
    static let offlineModel = "mechanical-edits"

    let upstreams: [DialectName: Upstream]
    /// What LLM_PROVIDER says; nil for the first that is there.
    let chosen: String?
    /// The longest silence of a provider, and the time within which its first token must come.
    let timeout: Duration
    let tries: Int
    let streamLimit: Int
    /// Requests of outside clients that are answered at once.
    let servedLimit: Int
    let offlinePace: Duration
    let retentionDays: Int
    let usageDays: Int

    init(_ settings: Settings) throws(Fault) {
        var upstreams: [DialectName: Upstream] = [:]
        if let key = try Self.key("ANTHROPIC_API_KEY", settings) {
            let url = try Self.url("ANTHROPIC_BASE_URL", settings) ?? "https://api.anthropic.com"
            upstreams[.anthropic] = Upstream(
                endpoint: Endpoint(baseURL: url, key: key), model: settings.text("ANTHROPIC_MODEL"),
                isExplicit: true)
        }
        let openAI = try Self.url("OPENAI_BASE_URL", settings)
        let openAIKey = try Self.key("OPENAI_API_KEY", settings)
        if openAI != nil || openAIKey != nil {
            upstreams[.openai] = Upstream(
                endpoint: Endpoint(
                    baseURL: openAI ?? "https://api.openai.com/v1", key: openAIKey),
                model: settings.text("OPENAI_MODEL"), isExplicit: true)
        }
        let isOff = settings.text("OLLAMA_URL")?.lowercased() == "off"
        if !isOff {
            let url = try Self.url("OLLAMA_URL", settings)
            upstreams[.ollama] = Upstream(
                endpoint: Endpoint(baseURL: url ?? "http://127.0.0.1:11434"),
                model: settings.text("OLLAMA_MODEL"), isExplicit: url != nil)
        }
        for name in upstreams.keys {
            guard let first = upstreams[name]?.endpoint else { continue }
            upstreams[name]?.endpoints = try Self.endpoints(of: name, first, settings)
        }
        self.upstreams = upstreams
        chosen = settings.text("LLM_PROVIDER")?.lowercased()
        timeout = .milliseconds(
            try settings.integer("LLM_TIMEOUT_MS", default: 120_000, in: 100...3_600_000))
        tries = try settings.integer("LLM_TRIES", default: 3, in: 1...3)
        streamLimit = try settings.integer("LLM_STREAMS", default: 256, in: 1...4_096)
        servedLimit = try settings.integer("LLM_SERVED", default: 1_024, in: 1...3_500)
        offlinePace = .microseconds(
            try settings.integer("ATELIER_OFFLINE_PACE_US", default: 1_500, in: 0...1_000_000))
        retentionDays = try settings.integer("ANSWER_RETENTION_DAYS", default: 30, in: 1...3_650)
        usageDays = try settings.integer("USAGE_RETENTION_DAYS", default: 400, in: 1...3_650)
        try judgeChoice()
    }

    private func judgeChoice() throws(Fault) {
        guard let chosen else { return }
        guard Self.names.contains(chosen) else {
            throw Fault(
                .invalid, "LLM_PROVIDER is one of \(Self.names.joined(separator: ", "))",
                detail: "it says \(chosen.prefix(40))")
        }
        guard let name = DialectName(rawValue: chosen), upstreams[name] == nil else { return }
        let missing =
            switch name {
            case .anthropic: "ANTHROPIC_API_KEY is not set"
            case .openai: "neither OPENAI_API_KEY nor OPENAI_BASE_URL is set"
            case .ollama: "OLLAMA_URL is off"
            case .gemini, .responses: "it is not configured here"
            }
        throw Fault(.invalid, "LLM_PROVIDER is \(chosen), but \(missing)")
    }

    /// A key that settings hold, or the first of several: `NAME_KEY`, or `NAME_KEYS` with commas.
    static func key(_ name: String, _ settings: Settings) throws(Fault) -> String? {
        guard let key = settings.text(name) ?? settings.list(name + "S").first else { return nil }
        try check(key, name)
        return key
    }

    private static func endpoints(
        of name: DialectName, _ first: Endpoint, _ settings: Settings
    ) throws(Fault) -> [Endpoint] {
        let variable = "\(name.rawValue.uppercased())_API_KEYS"
        var endpoints = [first]
        for key in settings.list(variable) where !endpoints.contains(where: { $0.key == key }) {
            try check(key, variable)
            endpoints.append(Endpoint(baseURL: first.baseURL, key: key))
        }
        return endpoints
    }

    private static func check(_ key: String, _ name: String) throws(Fault) {
        // The message must not repeat what it refuses.
        guard key.utf8.count <= 1_024, key.utf8.allSatisfy({ $0 > 0x20 && $0 < 0x7F }) else {
            throw Fault(.invalid, "\(name) holds a space, or what a header cannot carry")
        }
    }

    /// A base URL: http or https, a host, no user, no query; its slashes at the end do not matter.
    private static func url(_ name: String, _ settings: Settings) throws(Fault) -> String? {
        guard var url = settings.text(name) else { return nil }
        while url.last == "/" { url.removeLast() }
        let scheme = ["https://", "http://"].first { url.lowercased().hasPrefix($0) }
        let rest = url.dropFirst(scheme?.utf8.count ?? 0)
        let host = rest.prefix { $0 != "/" }
        let isPlain = url.utf8.allSatisfy { $0 > 0x20 && $0 < 0x7F }
        guard scheme != nil, isPlain, !host.isEmpty, !host.hasPrefix(":"), !host.contains("@"),
            !rest.contains("?"), !rest.contains("#"), url.utf8.count <= 2_048
        else {
            throw Fault(
                .invalid, "\(name) is not a base URL",
                detail: "as in https://host/v1, without user, password, query")
        }
        return (scheme ?? "") + rest
    }
}
