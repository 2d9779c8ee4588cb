import Console
import Contracts
import Crypto
import Curl
import Mesh
import MeshContract

extension StorageBench {
    private static let largeMegabytes = 2_048

    /// Two gigabytes in through the mesh and out through the gateway, with what the services took.
    func large() async throws {
        let place = try await Place(programs)
        let owner = try await place.owner()
        let count = Self.largeMegabytes
        let total = count << 20
        let begun = try await place.mesh.call(
            Storage.BeginUpload(
                owner: owner, name: "large", contentType: "application/octet-stream",
                bytes: total, key: "large"))
        var start = ContinuousClock.now
        var sum = RunningSHA256()
        for number in 0..<count {
            let piece = Self.noise(megabyte: number)
            sum.update(piece)
            _ = try await place.mesh.call(
                Storage.AppendUpload(
                    id: begun.id, owner: owner, offset: number << 20, content: piece))
        }
        let sha256 = Hex.encode(sum.finish())
        tell("in, piece by piece", total, start)
        start = ContinuousClock.now
        let artifact = try await place.mesh.call(
            Storage.FinishUpload(key: "large", owner: owner, sha256: sha256),
            within: .seconds(300))
        tell("checked, kept and synced", total, start)
        start = ContinuousClock.now
        // A client that leaves in the middle, and one that goes on where it stopped.
        let path = "/api/v1/artifacts/\(artifact.id)/content"
        var out = RunningSHA256()
        let first = try await place.http.stream(place.get(path))
        var received = 0
        while received < total / 3, let part = try await first.next() {
            received += part.count
            out.update(part)
        }
        first.cancel()
        let tag = first.headers["etag"] ?? ""
        let rest = try await place.http.stream(
            place.get(path, headers: [("Range", "bytes=\(received)-"), ("If-Range", tag)]))
        guard rest.status == 206 else { throw Odd("going on was answered with \(rest.status)") }
        while let part = try await rest.next() {
            received += part.count
            out.update(part)
        }
        tell("out of the gateway, in two parts", total, start)
        let seen = Hex.encode(out.finish())
        guard received == total, seen == sha256 else {
            throw Odd("what came out is not what went in")
        }
        Terminal.out("what came out is what went in: \(sha256)")
        for program in ["storage", "gateway"] {
            Terminal.out(
                "peak memory of \(program): \(Self.one(place.peak(of: program))) MB (limit 64)")
        }
    }

    private func tell(_ what: String, _ bytes: Int, _ start: ContinuousClock.Instant) {
        let seconds = (ContinuousClock.now - start).seconds
        Terminal.out(
            "\(bytes >> 20) MB \(what): \(Self.one(seconds)) s, "
                + "\(Self.one(Double(bytes) / 1e6 / seconds)) MB/s")
    }
}
