import MeshContract

/// Finds the endpoint for a request. Paths stand under `/api/v1` and `/api`, or at the root.
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

    /// Traps when two endpoints share method and path: that is a mistake of the declaration.
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

    public func match(_ method: String, _ path: String) -> Match {
        var at = 0
        var parameters: [String: String] = [:]
        for part in path.split(separator: "/") {
            if let next = nodes[at].words[String(part)] {
                at = next
            } else if let (name, next) = nodes[at].parameter {
                parameters[name] = String(part)
                at = next
            } else {
                return .unknown
            }
        }
        let found = nodes[at].endpoints
        if let endpoint = found[method] ?? (method == "HEAD" ? found["GET"] : nil) {
            return .found(endpoint, parameters: parameters)
        }
        return found.isEmpty ? .unknown : .wrongMethod(found.keys.sorted())
    }
}
