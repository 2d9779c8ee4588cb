import Fakes
import MeshContract
import REST
import Testing
import Wire

@Suite("The OpenAPI document")
struct OpenAPITests {
    struct Body: Codable, Sendable {
        var title: String
        var maxRounds: Int?
        var agents: [String]
        var isParallel: Bool?
        var weight: Double
    }

    struct Reply: Codable, Sendable { var costMicroUSD: Int64 }

    private let endpoints: [Endpoint] = [
        .get("/runs/{id}/steps/{step}", "Shows a step") { _ in Reply(costMicroUSD: 1) },
        .post("/runs", "Makes a run", status: 201, Body.self) { _, _ in Reply(costMicroUSD: 1) },
        .act("/runs/{id}/pause", "Pauses") { _ in Reply(costMicroUSD: 1) },
        .get("/health", "Lives", access: .anyone, isRoot: true) { _ in Reply(costMicroUSD: 1) },
    ]

    private func document() throws -> WireValue {
        try WireValue(json: OpenAPI(endpoints, version: "9").encoded())
    }

    private func operation(_ method: String, _ path: String) throws -> WireValue {
        try #require(document()["paths"]?[path]?[method])
    }

    private func operations() throws -> [(name: String, operation: WireValue)] {
        try #require(document()["paths"]).fields.flatMap { path, methods in
            methods.fields.map { ("\($0.key) \(path)", $0.value) }
        }
    }

    @Test("every path and method that is declared stands in it, and no other")
    func complete() throws {
        #expect(try document()["openapi"]?.string == "3.1.0")
        #expect(
            Set(try operations().map(\.name)) == [
                "get /api/v1/runs/{id}/steps/{step}", "post /api/v1/runs",
                "post /api/v1/runs/{id}/pause", "get /health",
            ])
    }

    struct Page: Codable, Sendable {
        struct Item: Codable, Sendable {
            var inputTokens: Int
            var items: [Item]?
        }

        var items: [Item]
        var scores: [String: Double]
    }

    @Test("records within are described as well, also those that hold their like")
    func within() throws {
        let endpoint = Endpoint.get("/page", "A page") { _ in Page(items: [], scores: [:]) }
        let document = try WireValue(json: OpenAPI([endpoint], version: "9").encoded())
        let reply = document["paths"]?["/api/v1/page"]?["get"]?["responses"]?["200"]
        let schema = reply?["content"]?["application/json"]?["schema"]?["properties"]
        let item = schema?["items"]?["items"]
        #expect(item?["properties"]?["input_tokens"]?["type"]?.string == "integer")
        #expect(item?["properties"]?["items"]?["items"]?["type"]?.string == "object")
        #expect(schema?["scores"]?["additionalProperties"]?["type"]?.string == "number")
    }

    @Test("fields have the names, types and duties that a request has")
    func fields() throws {
        let post = try operation("post", "/api/v1/runs")
        let schema = post["requestBody"]?["content"]?["application/json"]?["schema"]
        let required = schema?["required"]?.list.compactMap(\.string)
        #expect(Set(required ?? []) == ["title", "agents", "weight"])
        #expect(
            schema?["properties"]?.fields.mapValues { $0["type"] } == [
                "title": "string", "max_rounds": ["integer", "null"], "agents": "array",
                "is_parallel": ["boolean", "null"], "weight": "number",
            ])
        let reply = post["responses"]?["201"]?["content"]?["application/json"]?["schema"]
        #expect(reply?["required"]?.list.compactMap(\.string) == ["cost_micro_usd"])
        #expect(post["responses"]?["409"]?["$ref"]?.string == "#/components/responses/409")
    }

    @Test("parameters of the path are declared, and who needs a token")
    func parameters() throws {
        let get = try operation("get", "/api/v1/runs/{id}/steps/{step}")
        let parameters = try #require(get["parameters"]).list
        #expect(parameters.map { $0["name"]?.string } == ["id", "step"])
        #expect(
            parameters.allSatisfy { $0["required"]?.bool == true && $0["in"]?.string == "path" })
        #expect(get["security"]?.list.count == 1)
        let health = try operation("get", "/health")
        #expect(health["security"]?.list.isEmpty == true)
        #expect(health["parameters"] == nil)
    }

    @Test("an endpoint tells what else it takes, answers and refuses")
    func reference() throws {
        let endpoint = Endpoint.post("/runs/{id}/x", "Does", status: 202, Body.self) { _, _ in
            Reply(costMicroUSD: 1)
        }
        .takes(.number("limit", 1...9, "How many"), .choice("kind", ["a", "b"], "Which"))
        .rules(["/title": .length(1...5)]).example(#"{"title": "x"}"#).fails(402)
        let document = try WireValue(json: OpenAPI([endpoint], version: "9").encoded())
        let post = try #require(document["paths"]?["/api/v1/runs/{id}/x"]?["post"])
        let parameters = try #require(post["parameters"]).list
        #expect(parameters.compactMap { $0["name"]?.string } == ["id", "limit", "kind"])
        #expect(parameters[1]["schema"]?["maximum"]?.int == 9)
        #expect(parameters[2]["schema"]?["enum"]?.list.count == 2)
        #expect(parameters[3]["$ref"]?.string == "#/components/parameters/IdempotencyKey")
        let media = post["requestBody"]?["content"]?["application/json"]
        #expect(media?["example"]?["title"]?.string == "x")
        #expect(media?["schema"]?["properties"]?["title"]?["maxLength"]?.int == 5)
        #expect(
            post["responses"]?.fields.keys.sorted() == [
                "202", "400", "401", "402", "403", "404", "408", "409", "413", "415", "422", "429",
                "500", "503", "504",
            ])
        #expect(post["x-scope"]?.string == "write")
        let components = document["components"]
        #expect(components?["responses"]?["402"]?["description"]?.string == "Not enough credits")
        #expect(components?["schemas"]?["Problem"]?["required"]?.list.count == 6)
    }

    @Test("a download may be whole, in part or known already")
    func download() throws {
        let endpoint = Endpoint("GET", "/file", "Downloads") { _ in .empty(204) }
            .downloads("text/plain", "*/*")
        let document = try WireValue(json: OpenAPI([endpoint], version: "9").encoded())
        let answers = document["paths"]?["/api/v1/file"]?["get"]?["responses"]
        #expect(answers?["206"]?["content"]?.fields.keys.sorted() == ["*/*", "text/plain"])
        #expect(answers?["304"]?["content"] == nil && answers?["416"] != nil)
    }

    @Test("operations have ids of their own")
    func ids() throws {
        let ids = try operations().compactMap { $0.operation["operationId"]?.string }
        #expect(ids.count == 4)
        #expect(Set(ids).count == 4)
    }
}
