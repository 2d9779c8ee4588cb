import Console
import Contracts
import Crypto
import Curl
import FoundationEssentials
import Glibc
import Mesh
import MeshContract
import StackDriver

/// The figures of storage: large contents in and out, small ones, documents in other forms.
struct StorageBench {
    let programs: String

    private static let megabytes = 256
    private static let rounds = 3
    private static let piece = 1 << 20

    func figures() async throws {
        let place = try await Place(programs)
        let owner = try await place.owner()
        let content = Self.noise(megabyte: 1)
        var table: [(String, [Double])] = []
        func note(_ name: String, _ figure: Double) {
            if let row = table.firstIndex(where: { $0.0 == name }) {
                table[row].1.append(figure)
            } else {
                table.append((name, [figure]))
            }
        }
        for round in 1...Self.rounds {
            try await copies(place, round, note)
            try await limits(place, content, note)
            let artifact = try await upload(place, owner, "big-\(round)", note)
            try await downloads(place, artifact, note)
        }
        Terminal.out("\(Self.megabytes) MB of one content, MB/s, \(Self.rounds) rounds:")
        for (name, values) in table { Terminal.out("  \(name): \(Self.list(values))") }
        try await small(place, owner)
        try await exports(place, owner)
        for program in ["storage", "gateway"] {
            Terminal.out("peak memory of \(program): \(Self.one(place.peak(of: program))) MB")
        }
    }

    // MARK: Next to what

    /// A copy as `cp` makes it, on the same disk and synced as storage syncs.
    private func copies(
        _ place: Place, _ round: Int, _ note: (String, Double) -> Void
    ) async throws {
        let (from, to) = ("\(place.folder)/from", "\(place.folder)/to")
        var bytes: [UInt8] = []
        bytes.reserveCapacity(Self.megabytes << 20)
        for megabyte in 0..<Self.megabytes { bytes += Self.noise(megabyte: megabyte) }
        try Data(bytes).write(to: URL(filePath: from))
        bytes = []
        note(
            "cp and sync",
            try await timed { try await Self.shell("cp \(from) \(to) && sync \(to)") })
        note(
            "cat to nowhere", try await timed { try await Self.shell("cat \(to) | cat >/dev/null") }
        )
        unlink(from)
        unlink(to)
    }

    private func limits(
        _ place: Place, _ content: [UInt8], _ note: (String, Double) -> Void
    ) async throws {
        note(
            "the mesh itself, in",
            try await timed {
                for _ in 0..<Self.megabytes {
                    _ = try await place.mesh.call(Limit.Take(content: content))
                }
            })
        note(
            "the mesh itself, out",
            try await timed {
                for _ in 0..<Self.megabytes {
                    _ = try await place.mesh.call(Limit.Give(length: Self.piece))
                }
            })
    }

    // MARK: Large contents

    private func upload(
        _ place: Place, _ owner: String, _ key: String, _ note: (String, Double) -> Void
    ) async throws -> Storage.Artifact {
        let begun = try await place.mesh.call(
            Storage.BeginUpload(
                owner: owner, name: key, contentType: "application/octet-stream",
                bytes: Self.megabytes << 20, key: key))
        let pieces = (0..<Self.megabytes).map { Self.noise(megabyte: $0, key) }
        let start = ContinuousClock.now
        note(
            "into storage, pieces",
            try await timed {
                for (number, piece) in pieces.enumerated() {
                    _ = try await place.mesh.call(
                        Storage.AppendUpload(
                            id: begun.id, owner: owner, offset: number * Self.piece,
                            content: piece))
                }
            })
        let artifact = try await place.mesh.call(
            Storage.FinishUpload(key: key, owner: owner), within: .seconds(120))
        note("into storage, kept and synced", rate(since: start))
        return artifact
    }

    private func downloads(
        _ place: Place, _ artifact: Storage.Artifact, _ note: (String, Double) -> Void
    ) async throws {
        note(
            "out of storage",
            try await timed {
                for offset in stride(from: 0, to: artifact.bytes, by: Self.piece) {
                    _ = try await place.mesh.call(
                        Storage.ReadContent(id: artifact.id, offset: offset, length: Self.piece))
                }
            })
        note(
            "out of the gateway",
            try await timed {
                let path = "/api/v1/artifacts/\(artifact.id)/content"
                let stream = try await place.http.stream(place.get(path))
                var bytes = 0
                while let part = try await stream.next() { bytes += part.count }
                guard stream.status == 200, bytes == artifact.bytes else {
                    throw Odd("the gateway sent \(bytes) bytes with \(stream.status)")
                }
            })
    }

    // MARK: Small ones

    private func small(_ place: Place, _ owner: String) async throws {
        for lanes in [1, 16] {
            let start = ContinuousClock.now
            let end = start + .seconds(3)
            let count = try await withThrowingTaskGroup(of: Int.self) { group in
                for lane in 0..<lanes {
                    group.addTask {
                        var count = 0
                        while ContinuousClock.now < end {
                            let name = "s-\(lanes)-\(lane)-\(count)"
                            let text = String(repeating: name + "\n", count: 4_096 / 16)
                            _ = try await place.mesh.call(
                                Storage.PutDocument(
                                    owner: owner, run: nil, name: name, contentType: "text/plain",
                                    content: Array(text.utf8.prefix(4_096)), key: name))
                            count += 1
                        }
                        return count
                    }
                }
                return try await group.reduce(0, +)
            }
            let seconds = (ContinuousClock.now - start).seconds
            Terminal.out("puts of 4 KB, \(lanes) at once: \(Self.one(Double(count) / seconds))/s")
        }
    }

    // MARK: Exports

    /// About fifty pages: headings, running text, lists, tables, code.
    private func exports(_ place: Place, _ owner: String) async throws {
        let document = Array(Self.pages(50).utf8)
        let artifact = try await place.mesh.call(
            Storage.PutDocument(
                owner: owner, run: nil, name: "book.md", contentType: "text/markdown",
                content: document, key: "book"))
        for format in ["md", "html", "docx"] {
            var times: [Double] = []
            var bytes = 0
            for _ in 0..<20 {
                let start = ContinuousClock.now
                bytes = try await place.mesh.call(
                    Storage.Export(id: artifact.id, format: format)
                ).content.count
                times.append((ContinuousClock.now - start).seconds * 1_000)
            }
            Terminal.out(
                "50 pages (\(document.count / 1_024) KB) as \(format): "
                    + "\(Self.one(times.sorted()[times.count / 2])) ms, \(bytes / 1_024) KB")
        }
    }

    static func pages(_ count: Int) -> String {
        let sentence = "The quick brown fox jumps over the lazy dog, and **nobody** is surprised. "
        let page = """
            \(String(repeating: sentence, count: 28))

            - one *point*
              - within it, `code`
                1. and a [link](https://example.org/)
            - another

            | What | How much |
            | --- | ---: |
            | apples | 12 |
            | pears | 7 |

            ```swift
            let answer = 6 * 7
            ```

            > A word that somebody said.
            """
        return (1...count).map { "## Page \($0)\n\n\(page)\n" }.joined(separator: "\n")
    }

    // MARK: How

    private func timed(_ body: () async throws -> Void) async throws -> Double {
        let start = ContinuousClock.now
        try await body()
        return rate(since: start)
    }

    private func rate(since start: ContinuousClock.Instant) -> Double {
        Double(Self.megabytes) * 1.048_576 / (ContinuousClock.now - start).seconds
    }

    /// A megabyte that no file system makes smaller, and that differs by number and name.
    static func noise(megabyte: Int, _ name: String = "") -> [UInt8] {
        var state = UInt64(megabyte) &* 0x9E37_79B9_7F4A_7C15 &+ 1
        for byte in name.utf8 { state = state &* 31 &+ UInt64(byte) }
        var words = [UInt64](repeating: 0, count: (1 << 20) / 8)
        for index in words.indices {
            state ^= state << 13
            state ^= state >> 7
            state ^= state << 17
            words[index] = state
        }
        return words.withUnsafeBytes { Array($0) }
    }

    static func shell(_ command: String) async throws {
        let result = try await Program.run(
            "/bin/sh", ["-c", command], environment: ProcessInfo.processInfo.environment)
        guard result.code == 0 else { throw Odd("\(command): \(result.output)") }
    }

    static func one(_ value: Double) -> String {
        value >= 100 ? "\(Int(value.rounded()))" : "\((value * 10).rounded() / 10)"
    }

    static func list(_ values: [Double]) -> String {
        let sorted = values.sorted()
        guard let low = sorted.first, let high = sorted.last else { return "nothing measured" }
        return "\(one(sorted[sorted.count / 2])) (\(one(low)) to \(one(high)))"
    }
}

/// What a bench did not expect.
struct Odd: Error, CustomStringConvertible {
    let description: String
    init(_ description: String) { self.description = description }
}

extension Duration {
    var seconds: Double { Double(components.seconds) + Double(components.attoseconds) / 1e18 }
}
