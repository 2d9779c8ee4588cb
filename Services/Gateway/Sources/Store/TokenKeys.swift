import Crypto
import EventLoop
import FoundationEssentials
import Glibc
import MeshContract
import ServiceKit
import Synchronization

/// The ring of keys for access tokens, in `keys/jwt.ring` in the data folder or from the environment.
/// A key that another process makes there is known here within a second.
final class TokenKeys: Sendable {
    private static let lookEvery: UInt64 = 1_000_000_000

    private struct State {
        var ring: KeyRing
        var stamp: Stamp
        var lookedAt: UInt64
    }

    /// Tells one state of the file from the next: it is replaced, never written into.
    private struct Stamp: Equatable {
        var inode: UInt = 0
        var seconds = 0
        var nanoseconds = 0

        init(of file: String) {
            var status = stat()
            guard stat(file, &status) == 0 else { return }
            inode = UInt(status.st_ino)
            (seconds, nanoseconds) = (status.st_mtim.tv_sec, status.st_mtim.tv_nsec)
        }
    }

    private let file: String
    /// True when the environment says what the keys are.
    private let isFixed: Bool
    private let lifetime: Int64
    private let state: Mutex<State>

    init(_ config: GatewayConfig, data: DataFolder) throws(Fault) {
        file = "\(data.path)/keys/jwt.ring"
        isFixed = config.secret != nil
        lifetime = Int64(config.tokenSeconds)
        let ring: KeyRing
        if let secret = config.secret {
            ring = KeyRing(secrets: [secret] + config.oldSecrets)
        } else if let kept = try Self.read(file) {
            ring = kept
        } else {
            ring = KeyRing(secrets: [try data.key("jwt")])
        }
        state = Mutex(State(ring: ring, stamp: Stamp(of: file), lookedAt: monotonic()))
    }

    func sign(_ claims: Claims) throws -> String { try ring().sign(claims) }

    /// nil for a token that is none of ours, or is over.
    func verify(_ token: UnverifiedJWT, now: Int64) -> Claims? {
        ring(knowing: token.keyID).verify(token, now: now)
    }

    var listed: [KeyRing.Key] { ring(isFresh: true).keys }

    /// Makes a key that signs from now on.
    func rotate(now: Int64) throws(Fault) -> KeyRing.Key {
        guard !isFixed else {
            throw Fault(
                .conflict, "the key is set by SECRET_KEY",
                detail: "give it a new one there, and the old one to ATELIER_OLD_SECRET_KEYS")
        }
        let ring = ring(isFresh: true).rotated(
            to: randomBytes(32), now: now, lifetime: lifetime)
        try DataFolder.write(Array(ring.text.utf8), to: file)
        let stamp = Stamp(of: file)
        state.withLock { $0 = State(ring: ring, stamp: stamp, lookedAt: monotonic()) }
        return ring.keys[0]
    }

    /// Looks at the file now and then, and at once for a key that nobody knows.
    private func ring(knowing id: String? = nil, isFresh: Bool = false) -> KeyRing {
        state.withLock { state in
            let now = monotonic()
            let isDue = now - state.lookedAt >= Self.lookEvery
            guard !isFixed, isDue || isFresh || !state.ring.knows(id) else { return state.ring }
            state.lookedAt = now
            let stamp = Stamp(of: file)
            guard stamp != state.stamp else { return state.ring }
            // One that cannot be read changes nothing: tokens go on with the keys that are known.
            if let ring = (try? Self.read(file)) ?? nil {
                state = State(
                    ring: ring, stamp: stamp, lookedAt: now)
            }
            return state.ring
        }
    }

    /// nil where there is none.
    private static func read(_ file: String) throws(Fault) -> KeyRing? {
        guard access(file, F_OK) == 0 else { return nil }
        guard let bytes = try? Data(contentsOf: URL(filePath: file)),
            let ring = KeyRing(text: String(decoding: bytes, as: UTF8.self))
        else { throw Fault(.unavailable, "\(file) cannot be read as a ring of keys") }
        return ring
    }
}
