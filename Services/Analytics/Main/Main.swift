import AnalyticsService
import Glibc
import ServiceKit

@main
enum Main {
    static func main() async {
        exit(await ServiceMain<AnalyticsNode>.run(Array(CommandLine.arguments.dropFirst())))
    }
}
