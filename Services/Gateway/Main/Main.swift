import Glibc
import ServiceKit
import GatewayService

@main
enum Main {
    static func main() async {
        exit(await ServiceMain<GatewayNode>.run(Array(CommandLine.arguments.dropFirst())))
    }
}
