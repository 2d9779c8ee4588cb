import Console
import Glibc

/// Lets parts of the system run for long under bad conditions; `tools/soak/run` builds and starts it.
@main
enum Main {
    static func main() async {
        let words = Array(CommandLine.arguments.dropFirst())
        do {
            switch (words.first, words.count) {
            case ("serve", 6):
                try await Serving.run(
                    words[1], at: words[2], hints: words[3], parent: words[5],
                    folder: words[4])
            case ("call", 3): try await Calling.run(at: words[1], parent: words[2])
            case ("mesh", 1), ("mesh", 2):
                guard let minutes = Double(words.count == 2 ? words[1] : "10"), minutes > 0 else {
                    throw UsageError("how many minutes?")
                }
                exit(try await MeshSoak.run(minutes: minutes) ? 0 : 1)
            case ("hostile", 1), ("hostile", 2):
                guard let seconds = Double(words.count == 2 ? words[1] : "5"), seconds > 0 else {
                    throw UsageError("how many seconds for each attack?")
                }
                exit(try await HostileSoak.run(seconds: seconds) ? 0 : 1)
            default:
                throw UsageError("usage: atelier-soak mesh [minutes] | hostile [seconds]")
            }
            exit(0)
        } catch let error as UsageError {
            Terminal.error("atelier-soak: \(error)")
            exit(ExitCode.usage.rawValue)
        } catch {
            Terminal.error("atelier-soak: \(error)")
            exit(1)
        }
    }
}
