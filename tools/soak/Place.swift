import Glibc
import Mesh

/// Where everybody listens.
struct Place {
    let folder: String

    init(_ folder: String) { self.folder = folder }

    /// One process that answers.
    struct Seat {
        var service: String
        var url: String
        var hints: String
        var folder: String
    }

    /// In the order in which they are killed; the steady one last, and never.
    var seats: [Seat] {
        let ports = Array(ports)
        func ipc(_ service: String, _ name: String) -> Seat {
            Seat(
                service: service, url: "ipc://\(folder)/\(name).sock",
                hints: "ipc://\(folder)/\(name).pub", folder: folder)
        }
        func tcp(_ number: Int) -> Seat {
            Seat(
                service: Far.name, url: "tcp://127.0.0.1:\(ports[number])",
                hints: "tcp://127.0.0.1:\(ports[number + 2])", folder: folder)
        }
        return [
            ipc(Pair.name, "pair1"), tcp(0), ipc(Lone.name, "lone"), ipc(Pair.name, "pair2"),
            tcp(1), ipc(Steady.name, "steady"),
        ]
    }

    /// Below those that the system gives away, and the same for all who know the folder.
    private var ports: Range<Int> {
        let start = 20_000 + Int(folder.utf8.reduce(0) { ($0 &* 31 &+ UInt32($1)) % 2_900 }) * 4
        return start..<start + 4
    }

    var directory: MeshDirectory {
        var overrides: [String: String] = [:]
        for seat in seats {
            overrides[seat.service, default: ""] += seat.url + ","
            overrides["\(seat.service).events", default: ""] += seat.hints + ","
        }
        return MeshDirectory(
            folder: folder, overrides: overrides, identity: identity(Self.caller))
    }

    /// Who calls.
    private static let caller = "soak"

    func identity(_ name: String) -> MeshIdentity { MeshIdentity(name, folder: folder) }

    static func make() throws -> Place {
        var template = Array("/tmp/soak-XXXXXX".utf8CString)
        guard mkdtemp(&template) != nil else { throw Child.Failure(doing: "make a folder") }
        let place = Place(
            String(decoding: template.dropLast().map { UInt8(bitPattern: $0) }, as: UTF8.self))
        let key = OwnKey(from: 0)
        for (file, line) in [("key", key.line), ("pub", key.known.line)] {
            let path = "\(place.folder)/\(caller).\(file)"
            let descriptor = open(path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0o600)
            let text = line + "\n"
            guard descriptor >= 0, write(descriptor, text, text.utf8.count) == text.utf8.count
            else { throw Child.Failure(doing: "write \(path)") }
            close(descriptor)
        }
        return place
    }

    func remove() {
        for file in ["key", "pub"] { unlink("\(folder)/\(Self.caller).\(file)") }
        for seat in seats {
            for url in [seat.url, seat.hints] where url.hasPrefix("ipc://") {
                unlink(String(url.dropFirst(6)))
            }
        }
        rmdir(folder)
    }
}
