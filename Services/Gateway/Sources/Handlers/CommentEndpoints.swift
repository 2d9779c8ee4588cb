import Contracts
import HTTP
import Mesh
import MeshContract
import REST

/// `/runs/{id}/comments`: what people say of a run to one another.
struct CommentEndpoints: Sendable {
    struct Draft: Decodable, Sendable {
        var text: String
        /// What of the run it is about, such as a step's path.
        var about: String?
    }

    struct CommentView: Codable, Sendable {
        var id: String
        var runId: String
        var authorId: String
        var text: String
        var about: String?
        var createdAt: String

        init(_ comment: Orchestrator.Comment) {
            (id, runId, authorId) = ("\(comment.id)", comment.run, comment.author)
            (text, about, createdAt) = (comment.text, comment.about, rfc3339(comment.at))
        }
    }

    let mesh: MeshClient

    var all: [Endpoint] {
        [
            .get("/runs/{id}/comments", "Lists the comments on a run, oldest first", list).paged(),
            .post(
                "/runs/{id}/comments", "Comments on a run", status: 201, bodyLimit: 32 << 10,
                Draft.self, add
            ).example(#"{"text": "The second paragraph repeats the first."}"#),
        ]
    }

    @Sendable private func list(_ incoming: Incoming) async throws -> Page<CommentView> {
        let cursor = incoming.request.queryValue("cursor")
        let after = cursor.flatMap(Int64.init)
        guard cursor == nil || after != nil else {
            throw Fault(.invalid, "?cursor= takes a page's next_cursor")
        }
        let page = try await mesh.call(
            Orchestrator.ListComments(
                user: incoming.identity.user, run: incoming.parameter("id"), after: after,
                limit: try incoming.number("limit", default: 50, in: 1...200)))
        return Page(
            items: page.comments.map(CommentView.init), nextCursor: page.next.map { "\($0)" })
    }

    @Sendable private func add(
        _ body: Draft, _ incoming: Incoming
    ) async throws -> CommentView {
        CommentView(
            try await mesh.call(
                Orchestrator.AddComment(
                    user: incoming.identity.user, run: incoming.parameter("id"), text: body.text,
                    about: body.about, key: try incoming.idempotencyKey,
                    author: incoming.identity.person)))
    }
}
