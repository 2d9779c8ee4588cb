import Console
import Glibc
import ServiceKit

/// `templates`: workflows as data, listed, shown, checked, and carried from one place to another.
struct TemplateCommands: Sendable {
    let workplace: Workplace

    private static let stack = ["data", "port", "as"]

    func run(_ arguments: [String]) async throws -> ExitCode {
        let rest = Array(arguments.dropFirst())
        switch arguments.first {
        case "list", nil: return try await list(rest)
        case "show": return try await show(rest)
        case "export": return try await export(rest)
        case "import": return try await take(rest)
        case "validate": return try await validate(rest)
        case "delete": return try await delete(rest)
        case let verb?:
            throw UsageError(
                "there is no \"templates \(verb)\"; there is list, show, export, import, "
                    + "validate, delete")
        }
    }

    private func list(_ arguments: [String]) async throws -> ExitCode {
        let arguments = try Arguments(arguments, values: Self.stack, switches: ["json"])
        try arguments.noWords()
        let list = try await workplace.gateway(arguments).get(
            "/templates", as: Items<TemplateResource>.self)
        if arguments.has("json") {
            Terminal.out(try Render.json(list))
            return .success
        }
        let rows = list.items.map { template in
            [
                template.id, template.version.map { "\($0)" } ?? "built in",
                "\(template.agents?.count ?? 0)", "\(template.maxRounds ?? 0)",
                "\(template.gates ?? 0)", Printable.line(template.name, limit: 60),
            ]
        }
        let head = ["template", "version", "agents", "rounds", "gates", "name"]
        for line in Render.table([head] + rows) { Terminal.out(line) }
        return .success
    }

    private func show(_ arguments: [String]) async throws -> ExitCode {
        let arguments = try Arguments(arguments, values: Self.stack + ["version"])
        Terminal.piece(try await document(arguments))
        return .success
    }

    /// The template's own bytes: what was imported is exported as it is kept.
    private func document(_ arguments: Arguments) async throws -> String {
        let id = try CommandWord.plain(try arguments.word("template"), "a template's id")
        let version = try arguments.integer("version", in: 1...1_000_000).map { "?version=\($0)" }
        let bytes = try await workplace.gateway(arguments).bytes(
            "/templates/\(id)/document\(version ?? "")")
        let text = String(decoding: bytes, as: UTF8.self)
        return Terminal.isInteractive ? Printable.text(text) : text
    }

    private func export(_ arguments: [String]) async throws -> ExitCode {
        let arguments = try Arguments(arguments, values: Self.stack + ["version", "out"])
        let path = try arguments.value("out") ?? "\(try arguments.word("template")).atelier.json"
        let output = try OutputFile(path)
        try output.write(try await document(arguments), mode: 0o644)
        Terminal.out(output.path)
        return .success
    }

    /// `import <file> [--into ID]`: a new template, or the next version of one.
    private func take(_ arguments: [String]) async throws -> ExitCode {
        let arguments = try Arguments(arguments, values: Self.stack + ["into"])
        let file = try DocumentFile(reading: try arguments.word("file"))
        let gateway = try await workplace.gateway(arguments)
        let into = try arguments.value("into").map {
            try CommandWord.plain($0, "a template's id")
        }
        let kept = try await gateway.send(
            into == nil ? "POST" : "PUT", "/templates\(into.map { "/\($0)" } ?? "")",
            json: Array(file.text.utf8), as: TemplateResource.self)
        Terminal.out("\(kept.id) version \(kept.version ?? 1): \(Printable.line(kept.name))")
        return .success
    }

    private func validate(_ arguments: [String]) async throws -> ExitCode {
        let arguments = try Arguments(arguments, values: Self.stack, switches: ["json"])
        let file = try DocumentFile(reading: try arguments.word("file"))
        let check = try await workplace.gateway(arguments).send(
            "POST", "/templates/check", json: Array(file.text.utf8), as: TemplateCheck.self)
        if arguments.has("json") {
            Terminal.out(try Render.json(check))
        } else if check.valid {
            Terminal.out("\(file.path): good")
        } else {
            for error in check.errors {
                let place = error.pointer.map { $0.isEmpty ? "the whole" : $0 } ?? "the whole"
                Terminal.out(
                    "\(Printable.line(place, limit: 200)): "
                        + Printable.line(error.detail ?? "is not valid", limit: 300))
            }
        }
        return check.valid ? .success : .badInput
    }

    private func delete(_ arguments: [String]) async throws -> ExitCode {
        let arguments = try Arguments(arguments, values: Self.stack)
        let id = try CommandWord.plain(try arguments.word("template"), "a template's id")
        try await workplace.gateway(arguments).delete("/templates/\(id)")
        Terminal.out("\(id) is deleted; its runs go on")
        return .success
    }
}
