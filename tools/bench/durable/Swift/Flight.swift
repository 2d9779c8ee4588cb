import Console
import Glibc
import Synchronization

/// Keeps so many runs in flight for some seconds.
struct Flight: Sendable {
    let file: String
    let atOnce: Int
    let seconds: Double
    let steps: Int

    func run() async throws {
        // The file is made, and the engine warm, before the clock starts.
        let empty = try await fly(until: 0.5, named: "warm").bytes
        let (start, used) = (ContinuousClock.now, processorSeconds())
        let (latencies, bytes) = try await fly(until: seconds, named: "run")
        let time = milliseconds(ContinuousClock.now - start) / 1_000
        let processor = processorSeconds() - used
        let done = latencies.count * steps
        let list = latencies.map { "\($0)" }.joined(separator: ",")
        Terminal.out(
            "{\"steps\":\(done),\"seconds\":\(time),\"processor\":\(processor),"
                + "\"bytes\":\(Double(bytes - empty) / Double(max(done, 1))),"
                + "\"latencies\":[\(list)]}")
    }

    /// How long each run took, in milliseconds, and how large the file is then.
    private func fly(
        until limit: Double, named name: String
    ) async throws -> (latencies: [Double], bytes: Int) {
        let latencies = try await withEngine(on: file) { engine in
            let end = ContinuousClock.now + .milliseconds(Int(limit * 1_000))
            return try await withThrowingTaskGroup(of: [Double].self) { group in
                for lane in 0..<atOnce {
                    group.addTask {
                        var times: [Double] = []
                        while ContinuousClock.now < end {
                            let start = ContinuousClock.now
                            let id = "\(name)-\(lane)-\(times.count)"
                            try await engine.complete(Chain.self, steps, id: id)
                            times.append(milliseconds(ContinuousClock.now - start))
                        }
                        return times
                    }
                }
                return try await group.reduce(into: []) { $0 += $1 }
            }
        }
        return (latencies, try size(of: file))
    }
}

/// What this process has used of the processor, in all its threads.
private func processorSeconds() -> Double {
    var time = timespec()
    clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &time)
    return Double(time.tv_sec) + Double(time.tv_nsec) / 1e9
}

func milliseconds(_ duration: Duration) -> Double {
    let (seconds, attoseconds) = duration.components
    return Double(seconds) * 1_000 + Double(attoseconds) / 1e15
}

/// The bytes of a file, once the log is folded into it.
func size(of file: String) throws -> Int {
    var facts = stat()
    guard stat(file, &facts) == 0 else { throw Unusable(what: file) }
    return Int(facts.st_size)
}
