import HTTP
import MeshContract
import REST
import ServiceKit

/// `/notices`: what a user was told.
struct NoticeEndpoints: Sendable {
    struct NoticeView: Codable, Sendable {
        var id: String
        /// As `/notifications` names them.
        var kind: String
        /// The run that it tells of; none for what is no run's.
        var runId: String?
        var title: String
        var text: String
        var at: String
        var readAt: String?
        /// `none`, `waiting`, `sent`, `failed`, or `limited` where there were too many.
        var email: String

        init(_ notice: Notice) {
            (id, kind, runId) = (notice.id, notice.kind, notice.run)
            (title, text, email) = (notice.title, notice.text, notice.email)
            (at, readAt) = (rfc3339(notice.at), notice.readAt.map(rfc3339))
        }
    }

    struct Mark: Decodable, Sendable {
        /// All up to this one; all that there are without it.
        var upTo: String?
    }

    struct CountView: Codable, Sendable { var count: Int }

    let store: NoticeStore
    let ambient: Ambient

    var all: [Endpoint] {
        [
            .get("/notices", "Lists what the user was told, newest first", list).paged(),
            .get("/notices/unread", "Counts what the user was told and has not read") {
                CountView(count: try await store.unread(of: $0.identity.user))
            },
            .taking(
                "POST", "/notices/read",
                "Marks notices as read, up to one or all; answers with how many are left",
                bodyLimit: 4_096, isOptional: true, Mark.self, mark
            ).keyed(false).fails(404).example("{}"),
        ]
    }

    @Sendable private func list(_ incoming: Incoming) async throws -> Page<NoticeView> {
        let limit = try incoming.number("limit", default: 50, in: 1...200)
        let found = try await store.list(
            of: incoming.identity.user, after: incoming.request.queryValue("cursor"),
            limit: limit + 1)
        let page = found.prefix(limit)
        return Page(
            items: page.map(NoticeView.init),
            nextCursor: found.count > limit ? page.last?.id : nil)
    }

    @Sendable private func mark(_ body: Mark, _ incoming: Incoming) async throws -> CountView {
        CountView(
            count: try await store.read(
                of: incoming.identity.user, upTo: body.upTo, at: ambient.now()))
    }
}
