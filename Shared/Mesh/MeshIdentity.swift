import Crypto
import EventLoop
import Glibc
import MeshContract
import Synchronization

/// Who a process is on the network: its name, its key, and the keys it knows others by. Its files
/// may change while it runs.
public final class MeshIdentity: Sendable {
    private struct Own {
        var mark: KeyFile.Mark?
        var keys: [OwnKey] = []
    }

    /// How soon changes are noticed.
    struct Pace: Sendable {
        /// Between two introductions on a connection that lives: the key that has proven it may end
        /// before it does.
        var hello = Duration.seconds(300)
        /// Between two looks at the keys of the connections there are.
        var patrol = Duration.seconds(2)
        /// How old what is known of the keys may be when somebody new comes.
        var files = Duration.seconds(1)
    }

    /// The service, or `admin`.
    public let name: String
    public let ring: KeyRing
    /// What `tls+tcp` needs; nil where there is none.
    public let tls: MeshTLS?
    /// Wall milliseconds since 1970.
    let now: @Sendable () -> Int64
    let pace: Pace
    private let own = Mutex(Own())

    /// `folder` holds `<name>.key`, needed by who calls, and the `.pub` files of those who do.
    public convenience init(_ name: String, folder: String, tls: MeshTLS? = nil) {
        self.init(name, folder: folder, tls: tls, pace: Pace(), now: wallMilliseconds)
    }

    init(
        _ name: String, folder: String, tls: MeshTLS?, pace: Pace,
        now: @escaping @Sendable () -> Int64
    ) {
        (self.name, self.tls, self.pace, self.now) = (name, tls, pace, now)
        ring = KeyRing(folder: folder, period: pace.files)
    }

    private var file: String { "\(ring.folder)/\(name).key" }

    /// The key that signs now.
    func key() throws(Fault) -> OwnKey {
        let mark = KeyFile.Mark(file)
        var keys = own.withLock { $0.mark == mark && mark != nil ? $0.keys : [] }
        if keys.isEmpty {
            keys = try KeyFile.lines(file, forbidden: 0o077).compactMap(OwnKey.init(line:))
            own.withLock { ($0.mark, $0.keys) = (mark, keys) }
        }
        let second = now() / 1_000
        guard let key = OwnKey.signing(keys, at: second) else {
            throw Fault(.unauthenticated, "\(file) has no key that counts yet")
        }
        return key
    }
}

@Sendable private func wallMilliseconds() -> Int64 {
    var time = timespec()
    clock_gettime(CLOCK_REALTIME, &time)
    return Int64(time.tv_sec) * 1_000 + Int64(time.tv_nsec) / 1_000_000
}
