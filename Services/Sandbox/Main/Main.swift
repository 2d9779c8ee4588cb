import Glibc
import ServiceKit
import SandboxService

@main
enum Main {
    static func main() async {
        exit(await ServiceMain<SandboxNode>.run(Array(CommandLine.arguments.dropFirst())))
    }
}
