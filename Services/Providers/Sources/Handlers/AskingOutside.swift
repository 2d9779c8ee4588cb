import Contracts
import Mesh
import MeshContract
import Outside

extension ProvidersNode {
    func sendMail(_ request: Providers.SendMail, _ call: Call) async throws -> Providers.Mail {
        try await outside.send(request)
    }

    func mails(_ request: Providers.ListMails, _ call: Call) async throws -> Providers.MailList {
        guard (1...200).contains(request.limit) else {
            throw Fault(
                .invalid, "the list was refused",
                fields: [FieldFault("/limit", "is from 1 to 200")])
        }
        return Providers.MailList(
            mails: try await outside.mails.list(
                user: request.user, about: request.about, limit: request.limit))
    }

    func searchWeb(
        _ request: Providers.SearchWeb, _ call: Call
    ) async throws -> Providers.SearchResults {
        Providers.SearchResults(
            results: try await outside.search(request, call).map {
                Providers.SearchResult(title: $0.title, url: $0.url, snippet: $0.snippet)
            })
    }

    func makeImage(_ request: Providers.MakeImage, _ call: Call) async throws -> Providers.Image {
        let image = try await outside.make(request, call)
        return Providers.Image(
            content: image.content, contentType: image.contentType, seed: image.seed)
    }

    func listOutside(
        _ request: Providers.ListOutside, _ call: Call
    ) async throws -> Providers.OutsideList {
        Providers.OutsideList(outside: outside.cards)
    }
}
