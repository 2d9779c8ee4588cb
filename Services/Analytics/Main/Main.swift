import Glibc
import ServiceKit
import AnalyticsService

@main
enum Main {
    static func main() async {
        exit(await ServiceMain<AnalyticsNode>.run(Array(CommandLine.arguments.dropFirst())))
    }
}
