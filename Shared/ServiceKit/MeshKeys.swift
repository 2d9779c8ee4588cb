import FoundationEssentials
import Glibc
public import Mesh
public import MeshContract

/// The keys by which services know one another on the network: `keys/mesh/<service>.key`, which
/// only its owner's host has, and `keys/mesh/<service>.pub`, which every host has. Running services
/// follow the files within seconds.
public struct MeshKeys: Sendable {
    /// How long a replaced key still counts, in seconds, unless told otherwise.
    public static let overlap: Int64 = 86_400
    /// Connections introduce themselves again every five minutes; a key must outlive that.
    public static let leastOverlap: Int64 = 600

    public let folder: String
    private let now: @Sendable () -> Int64

    /// `now` in milliseconds since 1970.
    public init(_ data: DataFolder, now: @escaping @Sendable () -> Int64 = wallMilliseconds) {
        folder = "\(data.path)/keys/mesh"
        self.now = now
    }

    /// Makes the first key of a service where there is none.
    public func ensure(_ service: String) throws(Fault) {
        try locked(service) { () throws(Fault) in
            let own = try ownKeys(service)
            guard own.isEmpty else {
                // Its public half may have been lost; the service would not be known to itself.
                let known = try knownKeys(service)
                let lost = own.map(\.known).filter { key in !known.contains { $0.id == key.id } }
                return lost.isEmpty ? () : try write(known + lost, of: service)
            }
            _ = try make(service, from: now() / 1_000, overlap: 0)
        }
    }

    /// Makes a new key, which signs after `delay` seconds: time to have it trusted elsewhere. What
    /// it replaces counts for `overlap` seconds more. Without a key yet, it makes the first.
    @discardableResult
    public func rotate(
        _ service: String, delay: Int64 = 0, overlap: Int64 = MeshKeys.overlap
    ) throws(Fault) -> KnownKey {
        guard overlap >= Self.leastOverlap else {
            throw Fault(
                .invalid, "a replaced key counts for at least \(Self.leastOverlap) seconds",
                detail: "one that must end at once is revoked")
        }
        return try locked(service) { () throws(Fault) in
            try make(service, from: now() / 1_000 + max(delay, 0), overlap: overlap)
        }
    }

    /// Takes public keys of another host's service over. What is revoked here stays revoked.
    public func trust(_ service: String, lines: [String]) throws(Fault) -> [KnownKey] {
        var given: [KnownKey] = []
        for line in lines where !line.isEmpty && !line.hasPrefix("#") {
            guard let key = KnownKey(line: line) else {
                throw Fault(.invalid, "a line that is no public key; give a file <service>.pub")
            }
            given.append(key)
        }
        guard !given.isEmpty else { throw Fault(.invalid, "there is no public key in it") }
        return try locked(service) { () throws(Fault) in
            var known = try knownKeys(service)
            for key in given {
                if let at = known.firstIndex(where: { $0.id == key.id }) {
                    if known[at].until != .revoked { known[at].until = key.until }
                } else {
                    known.append(key)
                }
            }
            try write(known, of: service)
            return given
        }
    }

    /// From now on a key proves nothing, and connections that it has proven end.
    public func revoke(_ service: String, _ id: String) throws(Fault) {
        try locked(service) { () throws(Fault) in
            var known = try knownKeys(service)
            guard let at = known.firstIndex(where: { $0.id == id }) else {
                throw Fault(.notFound, "\(service) has no key \(id) here")
            }
            if try current(service)?.known.id == id {
                throw Fault(
                    .conflict, "\(id) is what \(service) signs with",
                    detail: "rotate first, then revoke")
            }
            known[at].until = .revoked
            try write(known, of: service)
        }
    }

    /// The id of the key that a service signs with; nil where its key is on another host.
    public func signs(_ service: String) throws(Fault) -> String? {
        try current(service)?.known.id
    }

    // MARK: Files

    private func make(
        _ service: String, from: Int64, overlap: Int64
    ) throws(Fault) -> KnownKey {
        let second = now() / 1_000
        let key = OwnKey(from: from)
        let known = try knownKeys(service).compactMap { old -> KnownKey? in
            var old = old
            switch old.until {
            case .always: old.until = .second(from + overlap)
            case .second(let end) where end <= second: return nil
            case .second, .revoked: break
            }
            return old
        }
        let own = try current(service).map { [$0] } ?? []
        // Others know it before it signs.
        try write(known + [key.known], of: service)
        let text = (own + [key]).map { $0.line + "\n" }.joined()
        try DataFolder.write(Array(text.utf8), to: path(service, "key"))
        return key.known
    }

    private func current(_ service: String) throws(Fault) -> OwnKey? {
        OwnKey.signing(try ownKeys(service), at: now() / 1_000)
    }

    private func ownKeys(_ service: String) throws(Fault) -> [OwnKey] {
        try lines(path(service, "key")).map { line throws(Fault) in
            guard let key = OwnKey(line: line) else {
                throw Fault(.invalid, "\(path(service, "key")) has a line that is no key")
            }
            return key
        }
    }

    private func knownKeys(_ service: String) throws(Fault) -> [KnownKey] {
        try lines(path(service, "pub")).map { line throws(Fault) in
            guard let key = KnownKey(line: line) else {
                throw Fault(.invalid, "\(path(service, "pub")) has a line that is no key")
            }
            return key
        }
    }

    private func write(_ keys: [KnownKey], of service: String) throws(Fault) {
        guard keys.count <= 200 else {
            throw Fault(.invalid, "\(path(service, "pub")) holds too many keys; remove old lines")
        }
        let text = keys.map { $0.line + "\n" }.joined()
        try DataFolder.write(Array(text.utf8), to: path(service, "pub"))
    }

    private func path(_ service: String, _ kind: String) -> String {
        "\(folder)/\(service).\(kind)"
    }

    private func lines(_ path: String) throws(Fault) -> [String] {
        guard access(path, F_OK) == 0 else { return [] }
        guard let data = try? Data(contentsOf: URL(filePath: path)) else {
            throw Fault(.unavailable, "\(path) cannot be read")
        }
        return String(decoding: data, as: UTF8.self).split(whereSeparator: \.isNewline)
            .map(String.init).filter { !$0.hasPrefix("#") }
    }

    /// One at a time, in all processes.
    private func locked<R>(
        _ service: String, _ body: () throws(Fault) -> R
    ) throws(Fault) -> R {
        guard KeyRing.isName(service) else {
            throw Fault(.invalid, "\(service) is no service's name")
        }
        guard mkdir(folder, 0o700) == 0 || errno == EEXIST else {
            throw Fault(.unavailable, "make \(folder): \(String(cString: strerror(errno)))")
        }
        let lock = open("\(folder)/.lock", O_RDWR | O_CREAT | O_CLOEXEC, 0o600)
        guard lock >= 0 else {
            throw Fault(.unavailable, "lock \(folder): \(String(cString: strerror(errno)))")
        }
        defer { close(lock) }
        guard flock(lock, LOCK_EX) == 0 else {
            throw Fault(.unavailable, "lock \(folder): \(String(cString: strerror(errno)))")
        }
        return try body()
    }
}
