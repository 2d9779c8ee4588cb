import Console
import EventLoop
import Glibc

/// Our side of the mesh's bench; `tools/bench/mesh/run` builds it and starts both ends.
@main
enum Main {
    static func main() async {
        let words = Array(CommandLine.arguments.dropFirst())
        guard words.count >= 3 else {
            Terminal.error(
                "usage: atelier-bench-mesh serve|call|beside sp|mesh|mesh-nng url [numbers]")
            exit(ExitCode.usage.rawValue)
        }
        do {
            let loop = EventLoop()
            let numbers = words.dropFirst(3).compactMap { Double($0) }
            switch words[0] {
            case "serve": try await Ends.serve(words[1], at: words[2], on: loop)
            case "beside": try await Beside.run(words[1], at: words[2], numbers, on: loop)
            default: try await Ends.call(words[1], at: words[2], numbers, on: loop)
            }
            exit(0)
        } catch {
            Terminal.error("atelier-bench-mesh: \(error)")
            exit(1)
        }
    }
}
