import Console
import Contracts
import EventLoop
import Glibc
import Mesh
import MeshContract

/// Asks the providers service over the mesh, as the gateway does, and tells how it went:
/// `atelier-bench-providers FOLDER IN-FLIGHT SECONDS WHOLE|STREAM MODEL`.
@main
enum Main {
    static func main() async {
        let words = Array(CommandLine.arguments.dropFirst())
        guard words.count == 5, let flight = Int(words[1]), let seconds = Double(words[2]) else {
            Terminal.error("usage: atelier-bench-providers folder in-flight seconds kind model")
            exit(ExitCode.usage.rawValue)
        }
        let loop = EventLoop("bench")
        let mesh = MeshClient(
            SocketTransport(MeshDirectory(folder: words[0] + "/run"), on: loop), as: "gateway")
        let lap = Lap(mesh: mesh, isStreamed: words[3] == "STREAM", model: words[4])
        do {
            let laps = try await withThrowingTaskGroup(of: Times.self) { group in
                let end = monotonic() + UInt64(seconds * 1e9)
                for _ in 0..<flight {
                    group.addTask(executorPreference: loop) { try await lap.run(until: end) }
                }
                var laps: [Times] = []
                for try await times in group { laps.append(times) }
                return laps
            }
            Terminal.out(Times.told(laps, seconds))
            exit(0)
        } catch {
            Terminal.error("atelier-bench-providers: \(error)")
            exit(1)
        }
    }
}

/// One question after the other.
struct Lap: Sendable {
    let mesh: MeshClient
    let isStreamed: Bool
    let body: [UInt8]

    init(mesh: MeshClient, isStreamed: Bool, model: String) {
        (self.mesh, self.isStreamed) = (mesh, isStreamed)
        body = Array(
            """
            {"model":"\(model)","stream":\(isStreamed),"messages":[{"role":"system","content":\
            "You are of help."},{"role":"user","content":"Say hello in some words."}]}
            """.utf8)
    }

    func run(until end: UInt64) async throws -> Times {
        var times = Times()
        while monotonic() < end {
            let begun = monotonic()
            let answer = try await mesh.call(
                Providers.Serve(interface: .chat, user: "bench", body: body), within: .seconds(30))
            guard answer.status == 200 else {
                throw Fault(.upstream, String(decoding: answer.body.prefix(200), as: UTF8.self))
            }
            times.first.append(monotonic() - begun)
            var (offset, isEnded) = (answer.body.count, answer.isEnded)
            while !isEnded {
                let piece = try await mesh.call(
                    Providers.ReadServed(
                        id: answer.id, offset: offset, waitMilliseconds: 15_000),
                    within: .seconds(30))
                (offset, isEnded) = (offset + piece.body.count, piece.isEnded)
            }
            times.whole.append(monotonic() - begun)
        }
        return times
    }
}

/// Nanoseconds until the first bytes, and until the last.
struct Times: Sendable {
    var first: [UInt64] = []
    var whole: [UInt64] = []

    static func told(_ laps: [Times], _ seconds: Double) -> String {
        let whole = laps.flatMap(\.whole).sorted()
        let first = laps.flatMap(\.first).sorted()
        func at(_ times: [UInt64], _ part: Double) -> Double {
            times.isEmpty ? 0 : Double(times[Int(Double(times.count - 1) * part)]) / 1_000
        }
        return """
            {"requests":\(whole.count),"failed":0,"seconds":\(seconds),"p50":\(at(whole, 0.5)),\
            "p99":\(at(whole, 0.99)),"first50":\(at(first, 0.5)),"first99":\(at(first, 0.99))}
            """
    }
}
