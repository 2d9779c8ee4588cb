import Contracts
import HTTP
import Mesh
import MeshContract
import REST

/// Artifacts: what a run has made, to be downloaded, exported and passed on.
struct ArtifactEndpoints: Sendable {
    struct LinkRequest: Decodable, Sendable {
        /// A day without it; a week at most.
        var seconds: Int?
    }

    struct LinkView: Codable, Sendable {
        var id: String
        /// Told once, when it is made.
        var url: String?
        var expiresAt: String

        init(_ link: Storage.Link) {
            id = link.id
            url = link.token.map { "/links/\($0)" }
            expiresAt = rfc3339(link.expiresAt)
        }
    }

    let mesh: MeshClient
    let access: RunAccess

    var all: [Endpoint] {
        [
            .get("/runs/{id}/artifacts", "Lists what a run has made", list).paged(),
            Endpoint(
                "GET", "/runs/{id}/download", "Downloads what a run has made as one zip file",
                handler: downloadAll
            ).downloads("application/zip"),
            .get("/artifacts/{id}", "Shows an artifact") { ArtifactView(try await find($0)) },
            .delete("/artifacts/{id}", "Forgets an artifact", remove),
            .get("/artifacts/{id}/versions", "Lists the versions, newest first", versions)
                .paged(),
            Endpoint(
                "GET", "/artifacts/{id}/diff",
                "Tells what changed between two versions, by words (?from=, ?to=, "
                    + "?format=text or unified)",
                replyFields: Field.tree(ComparisonView.self), handler: compare
            ).answers(200, "application/json", "text/plain").takes(
                .number("from", 1...1_000_000, "A version; without it, the one before"),
                .number("to", 1...1_000_000, "A version; without it, the newest"),
                .choice("format", ["json", "text", "unified"], "`json` without it")),
            Endpoint(
                "GET", "/artifacts/{id}/content", "Downloads an artifact"
            ) { incoming in
                try await download(try await find(incoming)).answer(to: incoming.request)
            }.downloads("*/*"),
            Endpoint(
                "GET", "/artifacts/{id}/export",
                "Downloads a document in another form (?format=docx, html or md)",
                handler: export
            ).downloads("text/markdown", "text/html", Exports.word)
                .takes(.choice("format", ["md", "html", "docx"], "`md` without it")),
            .get("/artifacts/{id}/links", "Lists the links that count", links).paged(),
            .post(
                "/artifacts/{id}/links", "Makes a link that anybody may open for a time",
                status: 201, LinkRequest.self, makeLink
            ).example(#"{"seconds": 3600}"#),
            .delete("/links/{id}", "Ends a link before its time") { incoming in
                _ = try await mesh.call(
                    Storage.RevokeLink(
                        id: incoming.parameter("id"), owner: incoming.identity.user))
            },
            Endpoint(
                "GET", "/links/{token}", "Downloads what a link leads to", access: .anyone,
                isRoot: true
            ) { incoming in
                let artifact = try await mesh.call(
                    Storage.OpenLink(token: incoming.parameter("token")))
                return try await download(artifact).answer(to: incoming.request)
            }.downloads("*/*"),
            .get("/users/me/storage", "Says what is kept for the user, and what may be") {
                try await mesh.call(Storage.GetUsage(owner: $0.identity.user))
            },
        ]
    }

    @Sendable private func list(_ incoming: Incoming) async throws -> Page<ArtifactView> {
        try await checkRun(incoming)
        let list = try await mesh.call(
            Storage.ListArtifacts(run: incoming.parameter("id"), limit: 200))
        return try Page(list.artifacts.map(ArtifactView.init), incoming, by: \.id)
    }

    @Sendable private func versions(_ incoming: Incoming) async throws -> Page<ArtifactView> {
        let artifact = try await find(incoming)
        let list = try await mesh.call(Storage.ListVersions(id: artifact.id, limit: 200))
        return try Page(list.artifacts.map(ArtifactView.init), incoming, by: \.id)
    }

    @Sendable private func remove(_ incoming: Incoming) async throws {
        let artifact = try await find(incoming)
        _ = try await mesh.call(Storage.RemoveArtifact(id: artifact.id, owner: artifact.owner))
    }

    @Sendable private func links(_ incoming: Incoming) async throws -> Page<LinkView> {
        let artifact = try await find(incoming)
        let list = try await mesh.call(
            Storage.ListLinks(artifact: artifact.id, owner: artifact.owner))
        return try Page(list.links.map(LinkView.init), incoming, by: \.id)
    }

    @Sendable private func makeLink(
        _ body: LinkRequest, _ incoming: Incoming
    ) async throws -> LinkView {
        let artifact = try await find(incoming)
        return LinkView(
            try await mesh.call(
                Storage.MakeLink(
                    artifact: artifact.id, owner: artifact.owner,
                    seconds: body.seconds ?? 86_400)))
    }

    // MARK: Downloads

    private func download(_ artifact: Storage.Artifact) -> Download {
        Download(
            name: artifact.name, contentType: artifact.contentType, bytes: artifact.bytes,
            tag: artifact.sha256
        ) { offset, length in
            try await mesh.call(
                Storage.ReadContent(id: artifact.id, offset: offset, length: length)
            ).content
        }
    }

    @Sendable private func downloadAll(_ incoming: Incoming) async throws -> Answer {
        try await checkRun(incoming)
        let run = incoming.parameter("id")
        let tree = try await mesh.call(Storage.GetTree(run: run), within: .seconds(60))
        return try await Download(
            name: "\(run).zip", contentType: "application/zip", bytes: tree.bytes, tag: tree.tag
        ) { offset, length in
            try await mesh.call(
                Storage.ReadTree(run: run, tag: tree.tag, offset: offset, length: length)
            ).content
        }.answer(to: incoming.request)
    }

    @Sendable private func export(_ incoming: Incoming) async throws -> Answer {
        let artifact = try await find(incoming)
        let exported = try await mesh.call(
            Storage.Export(
                id: artifact.id, format: incoming.request.queryValue("format") ?? "md"),
            within: .seconds(60))
        return try await Exports.answer(exported, to: incoming)
    }

    @Sendable private func compare(_ incoming: Incoming) async throws -> Answer {
        let format = incoming.request.queryValue("format") ?? "json"
        guard ["json", "text", "unified"].contains(format) else {
            throw Fault(.invalid, "?format= takes json, text or unified")
        }
        func number(_ name: String) throws(Fault) -> Int? {
            guard incoming.request.queryValue(name) != nil else { return nil }
            return try incoming.number(name, default: 1, in: 1...1_000_000)
        }
        let request = Storage.CompareVersions(
            id: try await find(incoming).id, from: try number("from"), to: try number("to"))
        let comparison = try await mesh.call(request, within: .seconds(30))
        if format == "json" { return .json(200, ComparisonView(comparison)) }
        let text =
            format == "unified"
            ? comparison.unified : MarkedText.make(comparison.pieces.map { ($0.kind, $0.text) })
        return .bytes(
            200, headers: [("Content-Type", "text/plain; charset=utf-8")], Array(text.utf8))
    }

    // MARK: Whose

    /// not-found when not ours
    private func checkRun(_ incoming: Incoming) async throws {
        _ = try await mesh.call(
            Orchestrator.GetRun(user: incoming.identity.user, id: incoming.parameter("id")))
    }

    /// Somebody else's is as good as absent, down to the words.
    private func find(_ incoming: Incoming) async throws -> Storage.Artifact {
        let absent = Fault(.notFound, "no such artifact")
        do {
            let artifact = try await mesh.call(Storage.GetArtifact(id: incoming.parameter("id")))
            let identity = incoming.identity
            if identity.role == "admin" { return artifact }
            guard let run = artifact.run else {
                guard artifact.owner == identity.user else { throw absent }
                return artifact
            }
            let isChange = !["GET", "HEAD"].contains(incoming.request.method)
            let user = try await access.user(for: identity.user, of: run, isChange: isChange)
            guard artifact.owner == user else { throw absent }
            return artifact
        } catch let fault as Fault where fault.code == .notFound {
            throw absent
        }
    }
}
