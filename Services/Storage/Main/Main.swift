import Glibc
import ServiceKit
import StorageService

@main
enum Main {
    static func main() async {
        exit(await ServiceMain<StorageNode>.run(Array(CommandLine.arguments.dropFirst())))
    }
}
