import Glibc
import ServiceKit

/// An orchestrator of the bench's own, that is asked by the real gateway: `atelier-bench-http serve`.
@main
enum Main {
    static func main() async {
        _exit(await ServiceMain<TickingNode>.run(Array(CommandLine.arguments.dropFirst())))
    }
}
