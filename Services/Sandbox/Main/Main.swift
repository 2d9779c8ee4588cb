import Glibc
import SandboxService
import ServiceKit

@main
enum Main {
    static func main() async {
        // Not exit(3): its handlers would race the threads of libcurl and OpenSSL.
        _exit(await ServiceMain<SandboxNode>.run(Array(CommandLine.arguments.dropFirst())))
    }
}
