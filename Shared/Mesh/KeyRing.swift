import MeshContract
import EventLoop
import Glibc
import Synchronization

/// The public keys by which callers are known: the files `<service>.pub` of a folder, which may
/// change at any time. What is not there is not believed.
public final class KeyRing: Sendable {
    private struct State {
        var keys: [String: [KnownKey]] = [:]
        var marks: [String: KeyFile.Mark] = [:]
        var troubles: [String] = []
        var lookAt: UInt64 = 0
    }

    /// Services in a ring, and keys of a service.
    static let most = 256
    public let folder: String
    private let state = Mutex(State())
    /// Grows when the files change.
    private let edition = Atomic(0)

    /// How old what is known may be, in nanoseconds.
    private let period: UInt64

    /// Reads the folder at first use.
    public init(folder: String, period: Duration = .seconds(1)) {
        (self.folder, self.period) = (folder, period.nanoseconds)
    }

    /// True for what may be a service's name in a ring.
    public static func isName(_ text: String) -> Bool { KeyFile.isName(text) }

    /// The key of this name, if it is the caller's and counts at this time.
    func key(_ id: String, of caller: String, at now: Int64) -> [UInt8]? {
        let keys = state.withLock { $0.keys[caller] ?? [] }
        guard let key = keys.first(where: { $0.id == id }), key.counts(at: now) else { return nil }
        return key.bytes
    }

    var current: Int { edition.load(ordering: .relaxed) }

    /// All that the files say now, and what in them could not be read.
    public func contents() -> (keys: [String: [KnownKey]], troubles: [String]) {
        refresh(atOnce: true)
        return state.withLock { ($0.keys, $0.troubles) }
    }

    /// Looks at the files, if the last look is some time ago.
    func refresh(atOnce: Bool = false) {
        let now = monotonic()
        let isDue = state.withLock { state in
            guard atOnce || now >= state.lookAt else { return false }
            state.lookAt = now + period
            return true
        }
        guard isDue else { return }
        var marks: [String: KeyFile.Mark] = [:]
        for service in KeyFile.names(in: folder, ending: ".pub") {
            marks[service] = KeyFile.Mark(path(service))
        }
        guard marks != state.withLock(\.marks) else { return }
        var keys: [String: [KnownKey]] = [:]
        var troubles: [String] = []
        for service in marks.keys.sorted() {
            do {
                keys[service] = try read(service, &troubles)
            } catch {
                troubles.append(error.message)
            }
        }
        state.withLock { ($0.keys, $0.marks, $0.troubles) = (keys, marks, troubles) }
        edition.add(1, ordering: .relaxed)
    }

    private func path(_ service: String) -> String { "\(folder)/\(service).pub" }

    private func read(_ service: String, _ troubles: inout [String]) throws(Fault) -> [KnownKey] {
        var keys: [KnownKey] = []
        for line in try KeyFile.lines(path(service), forbidden: 0o022) {
            if let key = KnownKey(line: line), keys.count < Self.most {
                keys.append(key)
            } else {
                troubles.append("\(path(service)) has a line that is no key")
            }
        }
        return keys
    }
}
