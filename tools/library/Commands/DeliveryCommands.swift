import Console
import ServiceKit

/// A session's document on its way out: as a file, or by e-mail.
struct DeliveryCommands: Sendable {
    let workplace: Workplace

    private static let stack = ["data", "port", "as"]
    private static let formats = ["md", "html", "docx"]

    /// `export <run> [--format md|html|docx] [--out FILE]`
    func export(_ arguments: [String]) async throws -> ExitCode {
        let arguments = try Arguments(arguments, values: Self.stack + ["format", "out"])
        let id = try CommandWord.plain(try arguments.word("run"), "a run's id")
        let format = try arguments.value("format") ?? "docx"
        guard Self.formats.contains(format) else {
            throw UsageError("--format takes one of \(Self.formats.joined(separator: ", "))")
        }
        let output = try OutputFile(try arguments.value("out") ?? "\(id).\(format)")
        let bytes = try await workplace.gateway(arguments).bytes(
            "/sessions/\(id)/export?format=\(format)")
        try output.write(bytes, mode: 0o600)
        Terminal.out("\(output.path) · \(Figures.grouped(bytes.count)) bytes")
        return .success
    }

    /// `email <run> --to ADDRESS[,ADDRESS] [--subject TEXT] [--preview TEXT]`
    func email(_ arguments: [String]) async throws -> ExitCode {
        let arguments = try Arguments(
            arguments, values: Self.stack + ["to", "subject", "preview"], switches: ["json"])
        let id = try CommandWord.plain(try arguments.word("run"), "a run's id")
        guard let to = try arguments.value("to") else {
            throw UsageError("email to whom? --to takes an address, or several with commas")
        }
        var body = ["to": to]
        for name in ["subject", "preview"] { body[name] = try arguments.value(name) }
        let mail = try await workplace.gateway(arguments).post(
            "/sessions/\(id)/email", body, as: EmailResource.self)
        if arguments.has("json") {
            Terminal.out(try Render.json(mail))
        } else {
            Terminal.out(
                "taken; it is being sent. What becomes of it: atelier emails \(id)")
        }
        return .success
    }

    /// `emails <run>`
    func emails(_ arguments: [String]) async throws -> ExitCode {
        let arguments = try Arguments(arguments, values: Self.stack, switches: ["json"])
        let id = try CommandWord.plain(try arguments.word("run"), "a run's id")
        let list = try await workplace.gateway(arguments).get(
            "/sessions/\(id)/emails", as: Items<EmailResource>.self)
        if arguments.has("json") {
            Terminal.out(try Render.json(list))
            return .success
        }
        let rows = list.items.map { mail in
            [
                mail.createdAt ?? "-", mail.state ?? "-", "\(mail.attempts ?? 0)",
                Printable.line((mail.to ?? []).joined(separator: ", "), limit: 60),
                Printable.line(mail.subject ?? "", limit: 60),
                Printable.line(mail.error ?? "", limit: 120),
            ]
        }
        for line in Render.table([["at", "state", "tries", "to", "subject", "error"]] + rows) {
            Terminal.out(line)
        }
        return .success
    }
}

/// An e-mail as the gateway shows it.
struct EmailResource: Codable, Sendable, Equatable {
    var id: String
    var to: [String]?
    var subject: String?
    var state: String?
    var attempts: Int?
    var error: String?
    var createdAt: String?
    var nextAt: String?
    var endedAt: String?
}
