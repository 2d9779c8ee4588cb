import Console
import EventLoop
import Glibc

/// Measures storage and the gateway before it; `tools/bench/run storage` builds and starts this.
@main
enum Main {
    static func main() async {
        var words = Array(CommandLine.arguments.dropFirst())
        let isLarge = words.contains("--large")
        words.removeAll { $0 == "--large" }
        do {
            switch (words.first, words.count) {
            case ("echo", 2): try await Limit.serve(at: words[1])
            case (let programs?, 1):
                let bench = StorageBench(programs: programs)
                try await isLarge ? bench.large() : bench.figures()
            default:
                Terminal.error(
                    "usage: atelier-bench-storage <folder of the executables> [--large]")
                exit(ExitCode.usage.rawValue)
            }
            exit(0)
        } catch {
            Terminal.error("atelier-bench-storage: \(error)")
            exit(1)
        }
    }
}
