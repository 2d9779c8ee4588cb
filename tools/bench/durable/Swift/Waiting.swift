import Console
import Durable
import Glibc

/// Runs that wait at gates: made in one process, found again by another.
struct Waiting: Sendable {
    let file: String

    /// Makes the runs, and returns once all of them wait.
    func fill(_ count: Int) async throws {
        try await withEngine(on: file) { engine in
            try await withThrowingTaskGroup(of: Void.self) { group in
                for lane in 0..<256 {
                    group.addTask {
                        for number in stride(from: lane, to: count, by: 256) {
                            try await engine.start(Gated.self, number, id: "wait-\(number)")
                        }
                    }
                }
                try await group.waitForAll()
            }
            for number in 0..<count {
                while try await engine.status("wait-\(number)")?.state != .waiting {
                    try await Task.sleep(for: .milliseconds(50))
                }
            }
        }
        Terminal.out("{\"bytes\":\(Double(try size(of: file)) / Double(count))}")
    }

    /// From the opening of the file until the engine has run something new, and until runs that wait
    /// have heard their decision and completed.
    func restart(of count: Int) async throws {
        let start = ContinuousClock.now
        let (first, decided, memory) = try await withEngine(on: file) { engine in
            let mark = "\(getpid())-\(count)"
            try await engine.complete(Chain.self, 1, id: "new-\(mark)")
            let first = milliseconds(ContinuousClock.now - start)
            for number in 0..<100 {
                let id = "wait-\(Int.random(in: 0..<count))"
                // One that an earlier restart has decided says no, and another is taken.
                let notices = engine.watch(id)
                let decision = GateDecision(decision: "approve", feedback: "\(number)")
                guard try await engine.decide(id, gate: "review", decision) else { continue }
                for await _ in notices {}
            }
            let decided = milliseconds(ContinuousClock.now - start)
            return (first, decided, residentMegabytes())
        }
        Terminal.out("{\"first\":\(first),\"decided\":\(decided),\"megabytes\":\(memory)}")
    }

    private func residentMegabytes() -> Double {
        guard let file = fopen("/proc/self/statm", "r") else { return 0 }
        defer { fclose(file) }
        var bytes = [UInt8](repeating: 0, count: 256)
        let count = fread(&bytes, 1, bytes.count, file)
        let words = String(decoding: bytes.prefix(count), as: UTF8.self).split(separator: " ")
        let pages = words.count > 1 ? Double(words[1]) ?? 0 : 0
        return pages * Double(sysconf(Int32(_SC_PAGESIZE))) / 1e6
    }
}
