import MeshContract

/// Finds the endpoint for a request. Paths stand under `/api/v1` and `/api`, or at the root; a slash
/// at the end, or two in a row, make no difference.
public struct Router: Sendable {
    public enum Match: Sendable {
        case found(Endpoint, parameters: [String: String])
        /// The path is known, the method is not; with what it allows.
        case wrongMethod([String])
        case unknown
    }

    /// One step of a path: words by name, then a parameter.
    private struct Node {
        var words: [String: Int] = [:]
        var parameter: (name: String, node: Int)?
        var endpoints: [String: Endpoint] = [:]
    }

    public let endpoints: [Endpoint]
    private var nodes = [Node()]

    /// Traps when two endpoints share method and path, or call one parameter by two names: that is a
    /// mistake of the declaration.
    public init(_ endpoints: [Endpoint]) {
        self.endpoints = endpoints
        for endpoint in endpoints {
            for prefix in endpoint.isRoot ? [""] : ["/api/v1", "/api"] {
                add(endpoint, at: prefix + endpoint.path)
            }
        }
    }

    private mutating func add(_ endpoint: Endpoint, at path: String) {
        var at = 0
        for part in path.split(separator: "/") {
            let isParameter = part.hasPrefix("{")
            let word = isParameter ? String(part.dropFirst().dropLast()) : String(part)
            let known = nodes[at].parameter?.name ?? word
            precondition(!isParameter || known == word, "{\(known)} is {\(word)} in \(path)")
            if let next = isParameter ? nodes[at].parameter?.node : nodes[at].words[word] {
                at = next
                continue
            }
            nodes.append(Node())
            if isParameter {
                nodes[at].parameter = (word, nodes.count - 1)
            } else {
                nodes[at].words[word] = nodes.count - 1
            }
            at = nodes.count - 1
        }
        precondition(
            nodes[at].endpoints[endpoint.method] == nil, "\(endpoint.method) \(path) stands twice")
        nodes[at].endpoints[endpoint.method] = endpoint
    }

    /// A word counts for more than a parameter in its place; where the words lead nowhere, the
    /// parameter is tried.
    public func match(_ method: String, _ path: String) -> Match {
        var found: Found?
        let parts = Self.parts(of: path)
        if let parts { found = find(parts[...], from: 0) }
        guard let found else { return .unknown }
        let endpoints = nodes[found.node].endpoints
        if let endpoint = endpoints[method] ?? (method == "HEAD" ? endpoints["GET"] : nil) {
            return .found(endpoint, parameters: found.parameters)
        }
        let allowed = Set(endpoints.keys).union(endpoints["GET"] == nil ? [] : ["HEAD"])
        return .wrongMethod(allowed.sorted())
    }

    /// No declared path is as deep; it bounds the search.
    private static let mostParts = 16

    private struct Found {
        let node: Int
        var parameters: [String: String] = [:]
    }

    /// What stands between the slashes; nil for more than can lead anywhere.
    private static func parts(of path: String) -> [Substring]? {
        var parts: [Substring] = []
        let bytes = path.utf8
        var start = bytes.startIndex
        while start < bytes.endIndex {
            let end = bytes[start...].firstIndex(of: 47) ?? bytes.endIndex
            if start < end {
                guard parts.count < mostParts else { return nil }
                parts.append(path[start..<end])
            }
            start = end < bytes.endIndex ? bytes.index(after: end) : end
        }
        return parts
    }

    private func find(_ parts: ArraySlice<Substring>, from node: Int) -> Found? {
        guard let part = parts.first else {
            return nodes[node].endpoints.isEmpty ? nil : Found(node: node)
        }
        let rest = parts.dropFirst()
        // Short words are texts without memory of their own, so that this makes none.
        if !nodes[node].words.isEmpty, let next = nodes[node].words[String(part)],
            let found = find(rest, from: next)
        {
            return found
        }
        guard let (name, next) = nodes[node].parameter, var found = find(rest, from: next) else {
            return nil
        }
        found.parameters[name] = String(part)
        return found
    }
}
