import Dialects
import EventLoop

/// One request of an outside client, while it is answered.
struct ServedErrand: Sendable {
    let ask: Ask
    let dialect: any ServedDialect
    let refusal: ServedRefusal
    let id: String
    /// Seconds since 1970.
    let created: Int
    let tally = Tally()
    let startedAt = monotonic()

    init(
        ask: Ask, dialect: any ServedDialect, refusal: ServedRefusal, id: String, created: Int
    ) {
        (self.ask, self.dialect, self.refusal) = (ask, dialect, refusal)
        (self.id, self.created) = (id, created)
    }

    /// The client's own name for the model stays; but nobody is to take the built-in provider's
    /// answer for a model's.
    var name: ReplyName {
        let choice = tally.last?.choice
        let isOffline = choice?.isOffline ?? false
        return ReplyName(
            id: id, created: created,
            model: isOffline ? choice?.model ?? "" : ask.model ?? ask.request.model)
    }

    var usage: TokenUsage { tally.last?.usage(of: ask.request) ?? TokenUsage() }

    var labels: [(name: String, value: String)] { Self.labels(tally.last?.choice) }

    var head: ServedStream.Head {
        .init(
            headers: [
                ("content-type", "text/event-stream; charset=utf-8"), ("x-accel-buffering", "no"),
            ] + labels)
    }

    /// Who has answered, for whoever looks.
    static func labels(
        _ choice: ProviderDirectory.Choice?
    ) -> [(name: String, value: String)] {
        guard let choice else { return [] }
        var labels = [("x-atelier-provider", choice.provider), ("x-atelier-model", choice.model)]
        if choice.isOffline { labels.append(("x-atelier-offline", "no model was called")) }
        // Anybody can name a model anything; not all of it can stand in a header.
        return labels.filter { $0.1.utf8.allSatisfy { $0 >= 0x20 && $0 < 0x7F } }
    }
}

extension EmbeddingRequest {
    /// Four bytes to a token, where nobody counts.
    var estimatedTokens: Int {
        switch inputs {
        case .texts(let texts): texts.reduce(0) { $0 + ($1.utf8.count + 3) / 4 }
        case .tokens(let lists): lists.reduce(0) { $0 + $1.count }
        }
    }
}
