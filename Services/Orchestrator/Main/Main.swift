import Glibc
import ServiceKit
import OrchestratorService

@main
enum Main {
    static func main() async {
        exit(await ServiceMain<OrchestratorNode>.run(Array(CommandLine.arguments.dropFirst())))
    }
}
