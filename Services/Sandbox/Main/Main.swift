import Glibc
import SandboxService
import ServiceKit

@main
enum Main {
    static func main() async {
        exit(await ServiceMain<SandboxNode>.run(Array(CommandLine.arguments.dropFirst())))
    }
}
