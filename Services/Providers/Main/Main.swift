import Glibc
import ServiceKit
import ProvidersService

@main
enum Main {
    static func main() async {
        exit(await ServiceMain<ProvidersNode>.run(Array(CommandLine.arguments.dropFirst())))
    }
}
