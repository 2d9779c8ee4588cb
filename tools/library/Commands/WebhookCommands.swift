import Console
import FoundationEssentials

/// `webhooks`: other systems that are told of runs' events.
struct WebhookCommands: Sendable {
    let workplace: Workplace

    private static let stack = ["data", "port", "as"]

    func run(_ arguments: [String]) async throws -> ExitCode {
        let rest = Array(arguments.dropFirst())
        switch arguments.first {
        case "list", nil: return try await list(rest)
        case "add": return try await add(rest)
        case "show": return try await show(rest)
        case "deliveries": return try await deliveries(rest)
        case "retry": return try await retry(rest)
        case "delete": return try await delete(rest)
        case let verb?:
            throw UsageError(
                "there is no \"webhooks \(verb)\"; there is list, add, show, deliveries, retry, "
                    + "delete")
        }
    }

    private func list(_ arguments: [String]) async throws -> ExitCode {
        let arguments = try Arguments(arguments, values: Self.stack, switches: ["json"])
        try arguments.noWords()
        let list = try await workplace.gateway(arguments).get(
            "/webhooks", as: Items<WebhookResource>.self)
        if arguments.has("json") {
            Terminal.out(try Render.json(list))
            return .success
        }
        let rows = list.items.map { webhook in
            [
                webhook.id, webhook.active == true ? "on" : "off",
                (webhook.events ?? []).joined(separator: ","),
                Printable.line(webhook.url ?? "", limit: 100),
                Printable.line(webhook.reason ?? "", limit: 80),
            ]
        }
        for line in Render.table([["webhook", "", "events", "url", "why off"]] + rows) {
            Terminal.out(line)
        }
        return .success
    }

    /// `webhooks add <url> [--events run.completed,gate.*]`
    private func add(_ arguments: [String]) async throws -> ExitCode {
        let arguments = try Arguments(arguments, values: Self.stack + ["events"])
        let request = WebhookRequest(
            url: try arguments.word("url"),
            events: try arguments.value("events").map {
                $0.split(separator: ",").map(String.init)
            })
        tell(
            try await workplace.gateway(arguments).send(
                "POST", "/webhooks", json: Array(try JSONEncoder().encode(request)),
                as: WebhookResource.self))
        return .success
    }

    private func show(_ arguments: [String]) async throws -> ExitCode {
        let arguments = try Arguments(arguments, values: Self.stack)
        let id = try CommandWord.plain(try arguments.word("webhook"), "a webhook's id")
        tell(
            try await workplace.gateway(arguments).get(
                "/webhooks/\(id)", as: WebhookResource.self))
        return .success
    }

    private func tell(_ webhook: WebhookResource) {
        let state = webhook.active == true ? "on" : "off"
        Terminal.out("\(webhook.id) is \(state); signed with \(webhook.secret ?? "-")")
    }

    private func deliveries(_ arguments: [String]) async throws -> ExitCode {
        let arguments = try Arguments(
            arguments, values: Self.stack + ["limit"], switches: ["json"])
        let id = try CommandWord.plain(try arguments.word("webhook"), "a webhook's id")
        let limit = try arguments.integer("limit", in: 1...200) ?? 20
        let list = try await workplace.gateway(arguments).get(
            "/webhooks/\(id)/deliveries?limit=\(limit)", as: Items<DeliveryResource>.self)
        if arguments.has("json") {
            Terminal.out(try Render.json(list))
            return .success
        }
        let rows = list.items.map { delivery in
            [
                delivery.id, delivery.runID ?? "-", delivery.event ?? "-", delivery.state ?? "-",
                "\(delivery.attempts ?? 0)", delivery.status.map { "\($0)" } ?? "-",
                Printable.line(delivery.error ?? "", limit: 60),
            ]
        }
        let head = ["delivery", "run", "event", "state", "attempts", "answer", "error"]
        for line in Render.table([head] + rows) { Terminal.out(line) }
        return .success
    }

    /// `webhooks retry <webhook> <delivery>`
    private func retry(_ arguments: [String]) async throws -> ExitCode {
        let arguments = try Arguments(arguments, values: Self.stack)
        guard arguments.words.count == 2 else {
            throw UsageError("retry which webhook, and which of its deliveries?")
        }
        let id = try CommandWord.plain(arguments.words[0], "a webhook's id")
        let delivery = try CommandWord.plain(arguments.words[1], "a delivery's id")
        let sent = try await workplace.gateway(arguments).post(
            "/webhooks/\(id)/deliveries/\(delivery)/retry", as: DeliveryResource.self)
        Terminal.out("\(sent.id) is \(sent.state ?? "-")")
        return .success
    }

    private func delete(_ arguments: [String]) async throws -> ExitCode {
        let arguments = try Arguments(arguments, values: Self.stack)
        let id = try CommandWord.plain(try arguments.word("webhook"), "a webhook's id")
        try await workplace.gateway(arguments).delete("/webhooks/\(id)")
        Terminal.out("\(id) is deleted")
        return .success
    }
}
