import Console
import FoundationEssentials
import Glibc
import MeshContract

/// The user's command line. The executable is this and nothing else.
public enum Atelier {
    /// Runs one command and answers with the exit code.
    public static func run(_ arguments: [String]) async -> Int32 {
        // A peer that is gone shows as an error of the write, not as our end.
        signal(SIGPIPE, SIG_IGN)
        do {
            return try await perform(arguments).rawValue
        } catch let error as UsageError {
            Terminal.error("atelier: \(error)\ntry atelier help")
            return ExitCode.usage.rawValue
        } catch let refusal as Refusal {
            Terminal.error("atelier: \(refusal)")
            return refusal.code.rawValue
        } catch let fault as Fault {
            Terminal.error("atelier: \(fault)")
            return ExitCode(fault).rawValue
        } catch {
            Terminal.error("atelier: \(error)")
            return ExitCode.failure.rawValue
        }
    }

    private static func perform(_ arguments: [String]) async throws -> ExitCode {
        let verb = arguments.first ?? "help"
        let rest = Array(arguments.dropFirst())
        if ["help", "--help", "-h"].contains(verb) || rest.contains("--help") {
            Terminal.out(Help.text)
            return .success
        }
        let workplace = Workplace(environment: environment)
        let stack = StackCommands(workplace: workplace)
        let runs = RunCommands(workplace: workplace)
        let sessions = SessionCommands(workplace: workplace)
        let control = RunControlCommands(workplace: workplace)
        switch verb {
        case "up": return try await stack.up(rest)
        case "down": return try await stack.down(rest)
        case "status": return try await stack.status(rest)
        case "run":
            guard rest.first == "write" else {
                throw UsageError("run what? There is: run write <document.md>")
            }
            return try await WriteCommand(workplace: workplace).run(Array(rest.dropFirst()))
        case "write": return try await WriteCommand(workplace: workplace).run(rest)
        case "continue": return try await sessions.goOn(rest)
        case "edit": return try await sessions.edit(rest)
        case "lock": return try await sessions.lock(rest)
        case "suggestions": return try await sessions.suggestions(rest)
        case "diff": return try await sessions.diff(rest)
        case "export": return try await DeliveryCommands(workplace: workplace).export(rest)
        case "email": return try await DeliveryCommands(workplace: workplace).email(rest)
        case "emails": return try await DeliveryCommands(workplace: workplace).emails(rest)
        case "gates": return try await sessions.gates(rest)
        case "approve", "reject": return try await sessions.decide(verb, rest)
        case "templates": return try await TemplateCommands(workplace: workplace).run(rest)
        case "runs": return try await runs.list(rest)
        case "show": return try await runs.show(rest)
        case "cancel": return try await runs.cancel(rest)
        case "pause", "resume", "retry": return try await control.act(verb, rest)
        case "steps": return try await control.steps(rest)
        case "fork": return try await control.fork(rest)
        case "limit": return try await control.limit(rest)
        case "schedules": return try await ScheduleCommands(workplace: workplace).run(rest)
        case "webhooks": return try await WebhookCommands(workplace: workplace).run(rest)
        case "wire": return try WireCommand.run(rest)
        case "mesh" where rest.first == "keys":
            return try MeshKeysCommand(workplace: workplace).run(Array(rest.dropFirst()))
        case "mesh":
            return try await MeshStatusCommands(workplace: workplace).run(rest)
        default: throw UsageError("there is no command \"\(verb)\"")
        }
    }

    private static var environment: [String: String] { ProcessInfo.processInfo.environment }
}
