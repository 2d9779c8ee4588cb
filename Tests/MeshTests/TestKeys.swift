import FoundationEssentials
import Glibc
import Synchronization

@testable import Mesh

/// Keys of services in a folder, as `atelier mesh keys` would write them.
final class TestKeys: Sendable {
    let folder: String
    private let made = Mutex<[String: OwnKey]>([:])

    init(folder: String) { self.folder = folder }

    /// Makes a first key where there is none and the name can have one.
    @discardableResult
    func ensure(_ name: String) -> OwnKey? {
        guard KeyRing.isName(name) else { return nil }
        return made.withLock { made in
            if let key = made[name] { return key }
            let key = OwnKey(from: 0)
            made[name] = key
            write(name, own: [key], known: [key.known])
            return key
        }
    }

    /// Puts files in the place of what is there.
    func write(_ name: String, own: [OwnKey]? = nil, known: [KnownKey]) {
        put(known.map(\.line), "\(folder)/\(name).pub")
        if let own { put(own.map(\.line), "\(folder)/\(name).key") }
    }

    private func put(_ lines: [String], _ path: String) {
        let draft = "\(path).\(UInt64.random(in: 0 ... .max))"
        _ = try? Data((lines.joined(separator: "\n") + "\n").utf8).write(
            to: URL(filePath: draft))
        chmod(draft, 0o600)
        rename(draft, path)
    }

    /// Sees changed files at once.
    func identity(_ name: String, tls: MeshTLS? = nil, offset: Int64 = 0) -> MeshIdentity {
        var pace = MeshIdentity.Pace()
        pace.hello = .milliseconds(20)
        pace.patrol = .milliseconds(20)
        pace.files = .zero
        return MeshIdentity(name, folder: folder, tls: tls, pace: pace) {
            var time = timespec()
            clock_gettime(CLOCK_REALTIME, &time)
            return Int64(time.tv_sec) * 1_000 + Int64(time.tv_nsec) / 1_000_000 + offset
        }
    }
}
