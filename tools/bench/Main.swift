import Console
import Glibc

/// Measures a stack of real executables; `tools/bench` builds them in release and starts this.
@main
enum Main {
    static func main() async {
        let arguments = Array(CommandLine.arguments.dropFirst())
        guard arguments.first == "stack", arguments.count == 2 else {
            Terminal.error("usage: atelier-bench stack <folder of the executables>")
            exit(ExitCode.usage.rawValue)
        }
        do {
            try await StackBench(programs: arguments[1]).run()
            exit(0)
        } catch {
            Terminal.error("atelier-bench: \(error)")
            exit(1)
        }
    }
}
