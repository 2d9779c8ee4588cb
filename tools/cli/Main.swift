import AtelierTools
import Glibc

@main
enum Main {
    static func main() async {
        // Not exit(): libraries that tidy up meanwhile would pull the floor from under the loop.
        _exit(await Atelier.run(Array(CommandLine.arguments.dropFirst())))
    }
}
