import Console
import FoundationEssentials
import Mesh
import MeshContract
import ServiceKit

/// `atelier mesh keys …`: the keys by which services know one another on the network.
struct MeshKeysCommand: Sendable {
    let workplace: Workplace

    func run(_ arguments: [String]) throws -> ExitCode {
        let rest = Array(arguments.dropFirst())
        switch arguments.first {
        case "list": try list(rest)
        case "rotate": try rotate(rest)
        case "trust": try trust(rest)
        case "revoke": try revoke(rest)
        default: throw UsageError("mesh keys takes list, rotate, trust or revoke")
        }
        return .success
    }

    private func keys(_ arguments: Arguments) throws -> MeshKeys {
        let folder = try arguments.value("data") ?? workplace.nonEmpty("ATELIER_DATA") ?? "data"
        return MeshKeys(try DataFolder(folder))
    }

    private func list(_ arguments: [String]) throws {
        let arguments = try Arguments(arguments, values: ["data"])
        try arguments.noWords()
        let keys = try keys(arguments)
        let (known, troubles) = KeyRing(folder: keys.folder).contents()
        var rows = [["SERVICE", "KEY", "COUNTS", ""]]
        for service in known.keys.sorted() {
            let signs = try keys.signs(service)
            for key in known[service] ?? [] {
                rows.append([
                    service, key.id, Self.text(key.until), key.id == signs ? "signs here" : "",
                ])
            }
        }
        for line in Render.table(rows) { Terminal.out(line) }
        for trouble in troubles { Terminal.error("atelier: \(trouble)") }
    }

    private static func text(_ until: KnownKey.Until) -> String {
        switch until {
        case .always: "always"
        case .second(let second):
            "until " + Date(timeIntervalSince1970: Double(second)).formatted(.iso8601)
        case .revoked: "revoked"
        }
    }

    private func rotate(_ arguments: [String]) throws {
        let arguments = try Arguments(arguments, values: ["data", "in", "overlap"])
        let service = try arguments.word("service")
        let month = 31 * 86_400
        let delay = try arguments.integer("in", in: 0...month) ?? 0
        let overlap =
            try arguments.integer("overlap", in: Int(MeshKeys.leastOverlap)...month)
            ?? Int(MeshKeys.overlap)
        let keys = try keys(arguments)
        let key = try keys.rotate(service, delay: Int64(delay), overlap: Int64(overlap))
        Terminal.out("\(service) signs with \(key.id)" + (delay > 0 ? " in \(delay) s" : ""))
        Terminal.out(
            "other hosts: atelier mesh keys trust \(service) \(keys.folder)/\(service).pub")
    }

    private func trust(_ arguments: [String]) throws {
        let arguments = try Arguments(arguments, values: ["data"])
        guard arguments.words.count == 2 else { throw UsageError("trust which service, and file?") }
        let (service, file) = (arguments.words[0], arguments.words[1])
        guard let data = try? Data(contentsOf: URL(filePath: file)), data.count < 1 << 16 else {
            throw UsageError("\(file) cannot be read, or is no file of keys")
        }
        let lines = String(decoding: data, as: UTF8.self).split(whereSeparator: \.isNewline)
        let keys = try keys(arguments)
        for key in try keys.trust(service, lines: lines.map(String.init)) {
            Terminal.out("\(service) is known by \(key.id), \(Self.text(key.until))")
        }
    }

    private func revoke(_ arguments: [String]) throws {
        let arguments = try Arguments(arguments, values: ["data"])
        guard arguments.words.count == 2 else {
            throw UsageError("revoke which service's, which key?")
        }
        try keys(arguments).revoke(arguments.words[0], arguments.words[1])
        Terminal.out("\(arguments.words[1]) proves nothing any more, here")
    }
}
