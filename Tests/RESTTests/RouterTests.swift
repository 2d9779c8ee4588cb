import HTTP
import MeshContract
import REST
import Testing

@Suite("Finding the endpoint of a request")
struct RouterTests {
    private static func endpoint(
        _ method: String, _ path: String, isRoot: Bool = false
    ) -> Endpoint {
        Endpoint(method, path, "\(method) \(path)", isRoot: isRoot) { _ in .empty(204) }
    }

    private let router = Router([
        endpoint("GET", "/runs"), endpoint("GET", "/runs/{id}"), endpoint("POST", "/runs"),
        endpoint("GET", "/runs/latest"), endpoint("POST", "/runs/{id}/pause"),
        endpoint("GET", "/users/me/stats"), endpoint("GET", "/users/{id}/runs"),
        endpoint("DELETE", "/users/{id}"), endpoint("GET", "/health", isRoot: true),
        endpoint("GET", "/", isRoot: true),
    ])

    private func found(_ method: String, _ path: String) -> (String, [String: String])? {
        guard case .found(let endpoint, let parameters) = router.match(method, path) else {
            return nil
        }
        return (endpoint.summary, parameters)
    }

    private func allowed(_ method: String, _ path: String) -> [String]? {
        guard case .wrongMethod(let allowed) = router.match(method, path) else { return nil }
        return allowed
    }

    private func isUnknown(_ method: String, _ path: String) -> Bool {
        guard case .unknown = router.match(method, path) else { return false }
        return true
    }

    @Test("a path answers under /api/v1 and /api", arguments: ["/api/v1", "/api"])
    func prefixes(prefix: String) {
        #expect(found("GET", prefix + "/runs")?.0 == "GET /runs")
        #expect(found("GET", prefix + "/runs/run_1")?.1 == ["id": "run_1"])
        #expect(isUnknown("GET", "/runs"))
        #expect(isUnknown("GET", prefix))
        #expect(isUnknown("GET", prefix + "/health"))
    }

    @Test("a root path answers at the root alone")
    func root() {
        #expect(found("GET", "/health") != nil)
        #expect(found("GET", "/")?.0 == "GET /")
        #expect(isUnknown("GET", "/api/v1/health"))
        #expect(isUnknown("OPTIONS", "*"))
    }

    @Test("a word counts for more than a parameter, which is tried where the words lead nowhere")
    func words() {
        #expect(found("GET", "/api/runs/latest")?.0 == "GET /runs/latest")
        #expect(found("POST", "/api/runs/latest/pause")?.1 == ["id": "latest"])
        #expect(found("GET", "/api/users/me/stats")?.0 == "GET /users/me/stats")
        #expect(found("GET", "/api/users/me/runs")?.1 == ["id": "me"])
        #expect(found("DELETE", "/api/users/me")?.1 == ["id": "me"])
    }

    @Test("a slash at the end, or two in a row, make no difference")
    func slashes() {
        #expect(found("GET", "/api/v1/runs/")?.0 == "GET /runs")
        #expect(found("GET", "/api/v1//runs/x")?.1 == ["id": "x"])
    }

    @Test("another method is told what the path takes, HEAD among it where there is a GET")
    func methods() {
        #expect(allowed("DELETE", "/api/runs") == ["GET", "HEAD", "POST"])
        #expect(allowed("GET", "/api/runs/x/pause") == ["POST"])
        #expect(allowed("get", "/api/runs") == ["GET", "HEAD", "POST"])
        #expect(found("HEAD", "/api/runs")?.0 == "GET /runs")
        #expect(allowed("HEAD", "/api/runs/x/pause") == ["POST"])
    }

    @Test("what was not declared is unknown, however deep")
    func unknown() {
        #expect(isUnknown("GET", "/api/v1/nothing"))
        #expect(isUnknown("GET", "/api/v1/runs/x/y"))
        #expect(isUnknown("GET", "/api/v1/users/me/stats/x"))
        #expect(isUnknown("GET", String(repeating: "/users", count: 10_000)))
        #expect(isUnknown("GET", "/api/v2/runs"))
    }

    @Test("a number of the query is in its range, or refused by its name")
    func numbers() throws {
        func incoming(_ value: String?) -> Incoming {
            Incoming(
                request: HTTPRequest(
                    method: "GET", target: "/", path: "/",
                    query: value.map { [("limit", $0)] } ?? []),
                requestID: "r", parameters: [:], identity: Identity(user: "", role: ""), body: [])
        }
        func number(_ value: String?) throws -> Int {
            try incoming(value).number("limit", default: 50, in: 1...200)
        }
        #expect(try number(nil) == 50)
        #expect(try number("200") == 200)
        for bad in ["0", "201", "-1", "", "x", "1.5", "99999999999999999999", " 1"] {
            let fault = #expect(throws: Fault.self) { try number(bad) }
            #expect(fault?.code == .invalid)
            #expect(fault?.message.contains("limit") == true)
        }
    }
}
