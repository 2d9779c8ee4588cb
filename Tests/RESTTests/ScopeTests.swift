import REST
import Testing

@Suite("What an API key must be allowed to do")
struct ScopeTests {
    private func scope(
        _ method: String, _ path: String, access: Access = .user, isRoot: Bool = false
    ) -> Scope {
        Endpoint(method, path, "", access: access, isRoot: isRoot) { _ in .empty(204) }.scope
    }

    @Test("an endpoint that says nothing takes what its method suggests")
    func defaults() {
        #expect(scope("GET", "/runs") == .read)
        for method in ["POST", "PUT", "PATCH", "DELETE"] {
            #expect(scope(method, "/runs") == .write)
        }
        #expect(scope("GET", "/v1/models", isRoot: true) == .models)
        #expect(scope("POST", "/v1/messages", isRoot: true) == .models)
        #expect(scope("POST", "/v1/messages") == .write)
        #expect(scope("GET", "/admin/users", access: .admin) == .admin)
    }

    @Test("another scope is said where the method misleads")
    func said() {
        let endpoint = Endpoint.act("/keys", "Makes a key") { _ in ["key": "k"] }
        #expect(endpoint.scope == .write)
        #expect(endpoint.scoped(.admin).scope == .admin)
    }
}
