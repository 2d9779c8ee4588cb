import AtelierTools
import Glibc

@main
enum Main {
    static func main() async {
        exit(await Atelier.run(Array(CommandLine.arguments.dropFirst())))
    }
}
