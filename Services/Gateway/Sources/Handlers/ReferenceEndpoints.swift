import Contracts
import HTTP
import Mesh
import MeshContract
import REST

/// `/references`: texts that sessions are given beside their draft.
struct ReferenceEndpoints: Sendable {
    struct Text: Decodable, Sendable {
        var name: String
        var content: String
    }

    /// As much as a session takes of one.
    private static let mostBytes = 2 << 20
    private static let types = ["text/markdown", "text/plain"]

    let mesh: MeshClient

    var all: [Endpoint] {
        [
            Endpoint(
                "POST", "/references",
                "Keeps a reference: text/plain or text/markdown with ?name=, or JSON",
                bodyLimit: Self.mostBytes * 2, bodyFields: Field.tree(Text.self),
                replyFields: Field.tree(ArtifactView.self), handler: upload
            ).reads("application/json", "text/plain", "text/markdown").answers(201)
                .takes(.text("name", "What a text is called that is no JSON"))
                .example(#"{"name": "notes.md", "content": "Tides come twice a day."}"#)
        ]
    }

    @Sendable private func upload(_ incoming: Incoming) async throws -> Answer {
        let type = incoming.mediaType ?? "application/json"
        var name = incoming.request.queryValue("name")
        var (bytes, kept) = (incoming.body, type)
        if type == "application/json" {
            let text = try JSONCoding.decode(Text.self, from: incoming.body)
            (name, bytes) = (text.name, Array(text.content.utf8))
            kept = text.name.hasSuffix(".md") ? "text/markdown" : "text/plain"
        } else if !Self.types.contains(type) {
            throw Problem.wrongType(
                "a reference is \(Self.types.joined(separator: ", ")) or application/json")
        }
        guard let name else {
            throw Fault(.invalid, "?name= says what the reference is called")
        }
        guard bytes.count <= Self.mostBytes else { throw Problem.tooLarge(Self.mostBytes) }
        try Self.check(bytes)
        let user = incoming.identity.user
        let key = try incoming.idempotencyKey ?? incoming.requestID
        let artifact = try await mesh.call(
            Storage.PutDocument(
                owner: user, run: nil, name: name, contentType: "\(kept); charset=utf-8",
                content: bytes, key: "reference/\(user)/\(key)"), within: .seconds(30))
        return .json(201, ArtifactView(artifact))
    }

    /// What is no text would only confuse a model.
    private static func check(_ bytes: [UInt8]) throws(Fault) {
        func refuse(_ what: String) -> Fault {
            Fault(
                .invalid, "the reference was refused", fields: [FieldFault("/content", what)])
        }
        guard let text = String(validating: bytes, as: UTF8.self) else {
            throw refuse("is not UTF-8 text")
        }
        if bytes.contains(0) { throw refuse("has a NUL byte, and is no text") }
        if text.allSatisfy(\.isWhitespace) { throw refuse("is empty") }
    }
}
