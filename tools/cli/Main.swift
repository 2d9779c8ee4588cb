import AtelierTools
import Glibc

@main
enum Main {
    /// Not `async`: libdispatch would then park the first thread with every signal let through, and
    /// one that asks us to end would end us unheard.
    static func main() {
        let arguments = Array(CommandLine.arguments.dropFirst())
        Atelier.prepare(arguments)
        Task { @concurrent in exit(await Atelier.run(arguments)) }
        while true { pause() }
    }
}
