import Glibc
import ServiceKit
import BillingService

@main
enum Main {
    static func main() async {
        exit(await ServiceMain<BillingNode>.run(Array(CommandLine.arguments.dropFirst())))
    }
}
