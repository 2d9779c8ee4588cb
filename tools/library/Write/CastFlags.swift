import Console
import FoundationEssentials

/// Flags that say who takes part and on what a document is judged.
enum CastFlags {
    /// `clarity=3,evidence=2,style`: names with weights, 1 where none is given.
    static func criteria(_ text: String) throws(UsageError) -> [SessionRequest.Criterion] {
        var criteria: [SessionRequest.Criterion] = []
        for part in text.split(separator: ",", omittingEmptySubsequences: false) {
            let sides = part.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false)
            let name = sides.first.map(trimmed) ?? ""
            let weight = sides.count == 2 ? Double(trimmed(sides[1])) : 1
            guard !name.isEmpty, let weight, weight > 0 else {
                throw UsageError(
                    "--criteria takes names with weights, as clarity=3,evidence=2; "
                        + "\"\(Printable.line(String(part)))\" is none")
            }
            criteria.append(.init(name: name, weight: weight))
        }
        return criteria
    }

    /// `2` or `2:0.1`: so many rounds without a rise by more than so much; `off`.
    static func plateau(_ text: String) throws(UsageError) -> SessionRequest.Plateau {
        if text == "off" { return .init(rounds: 0) }
        let parts = text.split(separator: ":", maxSplits: 1, omittingEmptySubsequences: false)
        guard let rounds = parts.first.flatMap({ Int($0) }), (1...9).contains(rounds) else {
            throw UsageError("--plateau takes 1 to 9 rounds, as 2 or 2:0.1, or off")
        }
        guard parts.count == 2 else { return .init(rounds: rounds) }
        guard let within = Double(parts[1]), (0...5).contains(within) else {
            throw UsageError("--plateau takes a rise from 0 to 5 behind the colon, as 2:0.1")
        }
        return .init(rounds: rounds, within: within)
    }

    private static let roles = ["writer", "editor", "critic"]

    /// `Ada:writer`, `Ada:writer:strong`, `Ada:writer:gpt-4o@openai`.
    static func agent(_ text: String) throws(UsageError) -> AgentResource {
        let parts = text.split(separator: ":", maxSplits: 2).map(trimmed)
        guard parts.count >= 2, !parts[0].isEmpty, roles.contains(parts[1]) else {
            throw UsageError(
                "--agent takes NAME:ROLE or NAME:ROLE:MODEL@PROVIDER, the role one of "
                    + "\(roles.joined(separator: ", ")); \"\(Printable.line(text))\" is none")
        }
        var agent = AgentResource(name: parts[0], role: parts[1])
        guard parts.count == 3 else { return agent }
        let model = parts[2].split(separator: "@", maxSplits: 1).map(String.init)
        agent.model = parts[2].hasPrefix("@") ? nil : model.first
        agent.provider = parts[2].contains("@") ? model.last : nil
        return agent
    }

    /// A file that lists agents as the HTTP surface takes them, with their instructions.
    static func agents(file path: String) throws -> [AgentResource] {
        let file = try DocumentFile(reading: path)
        do {
            return try JSONDecoder().decode([AgentResource].self, from: Data(file.text.utf8))
        } catch {
            throw Refusal(
                .badInput,
                "\(path) is no list of agents, as "
                    + "[{\"name\": \"Ada\", \"role\": \"writer\", \"instructions\": \"...\"}]")
        }
    }

    private static func trimmed(_ text: some StringProtocol) -> String {
        var text = Substring(text)
        while text.first?.isWhitespace == true { text.removeFirst() }
        while text.last?.isWhitespace == true { text.removeLast() }
        return String(text)
    }
}
