import BillingService
import Glibc
import ServiceKit

@main
enum Main {
    static func main() async {
        exit(await ServiceMain<BillingNode>.run(Array(CommandLine.arguments.dropFirst())))
    }
}
