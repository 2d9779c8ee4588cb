import Console
import Glibc

/// Our side of the engine's bench; `tools/bench/durable/run` builds it and starts it in turns with its
/// peers. Each command prints one line of JSON.
@main
enum Main {
    static func main() async {
        let words = Array(CommandLine.arguments.dropFirst())
        do {
            switch words.first {
            case "flight" where words.count == 5:
                try await Flight(
                    file: words[1], atOnce: number(words[2]), seconds: Double(number(words[3])),
                    steps: number(words[4])
                ).run()
            case "fill" where words.count == 3:
                try await Waiting(file: words[1]).fill(number(words[2]))
            case "restart" where words.count == 3:
                try await Waiting(file: words[1]).restart(of: number(words[2]))
            default:
                Terminal.error(
                    "usage: atelier-bench-durable flight FILE AT-ONCE SECONDS STEPS\n"
                        + "       atelier-bench-durable fill|restart FILE RUNS")
                exit(ExitCode.usage.rawValue)
            }
            exit(0)
        } catch {
            Terminal.error("atelier-bench-durable: \(error)")
            exit(1)
        }
    }

    private static func number(_ word: String) throws -> Int {
        guard let number = Int(word), number > 0 else { throw Unusable(what: "\(word) as number") }
        return number
    }
}

/// Why the bench has no figure.
struct Unusable: Error, CustomStringConvertible {
    let what: String
    var description: String { "cannot use \(what)" }
}
