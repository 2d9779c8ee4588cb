import Glibc
import ServiceKit
import OrchestratorService

@main
enum Main {
    static func main() async {
        // Not exit(3): its handlers would race the threads of libcurl and OpenSSL.
        _exit(await ServiceMain<OrchestratorNode>.run(Array(CommandLine.arguments.dropFirst())))
    }
}
