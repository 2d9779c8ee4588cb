import Dispatch
import Glibc
import MeshContract
import Synchronization

/// What an administrator asks of a running service: to write its messages into a file for a while.
struct CaptureRequest: Codable, Sendable {
    /// For how long; without it, nothing is begun and the reply says how things are.
    var seconds: Int?
    /// Ends what is under way.
    var stop: Bool?
}

/// How a capture fares.
public struct CaptureStatus: Codable, Sendable, Equatable {
    public var isOn: Bool
    /// The file on the service's machine, of this capture or the last one.
    public var file: String?
    public var messages: Int
    /// Messages that came faster than they could be written.
    public var lost: Int
    /// Why nothing more is written, where that is so.
    public var failure: String?
}

/// Whether a service's messages are written down, and where.
final class CaptureSwitch: Sendable {
    private struct State {
        var folder: String?
        var writer: CaptureWriter?
        var isOn = false
        /// Counts the captures, so that the end of an old one does not end the new one.
        var turn = 0
    }

    private static let longest = 3_600
    /// Captures of one service that are kept in the folder.
    private static let kept = 4

    private let service: String
    private let flag = Atomic(false)
    private let numbers = Atomic(0)
    private let state = Mutex(State())

    init(_ service: String) { self.service = service }

    @inline(__always)
    var isOn: Bool { flag.load(ordering: .relaxed) }

    /// Captures that an administrator asks for go into `folder`.
    func allow(in folder: String) { state.withLock { $0.folder = folder } }

    /// Writes everything from now on.
    func begin(_ file: String) throws(Fault) {
        let writer = try CaptureWriter(file)
        state.withLock { state in
            (state.writer, state.isOn) = (writer, true)
            state.turn += 1
        }
        flag.store(true, ordering: .relaxed)
    }

    /// Ends it, and writes what waits. Never from a loop.
    func end() {
        flag.store(false, ordering: .relaxed)
        let writer = state.withLock { state in
            state.isOn = false
            return state.writer
        }
        writer?.finish()
    }

    // MARK: Messages

    /// Takes a request; the number is for its reply.
    func request(_ bytes: [UInt8], from connection: Int) -> CapturedMessage {
        let head = try? RequestHead.read(bytes).0
        let message = CapturedMessage(
            kind: .request, time: Self.now, service: service, connection: connection,
            number: numbers.wrappingAdd(1, ordering: .relaxed).newValue,
            method: head?.method ?? "", call: head?.call ?? "", size: bytes.count, bytes: bytes)
        take(message)
        return message
    }

    func reply(_ bytes: [UInt8], to request: CapturedMessage) {
        var message = request
        (message.kind, message.time) = (.reply, Self.now)
        (message.size, message.bytes) = (bytes.count, bytes)
        take(message)
    }

    private func take(_ message: CapturedMessage) {
        state.withLock { $0.isOn ? $0.writer : nil }?.take(message)
    }

    private static var now: Int64 {
        var time = timespec()
        clock_gettime(CLOCK_REALTIME, &time)
        return Int64(time.tv_sec) * 1_000_000 + Int64(time.tv_nsec) / 1_000
    }

    // MARK: The administrator

    /// Does what is asked. Never on a loop: it touches files.
    func obey(_ request: CaptureRequest) throws(Fault) -> CaptureStatus {
        if request.stop == true {
            end()
        } else if let seconds = request.seconds {
            guard (1...Self.longest).contains(seconds) else {
                throw Fault(.invalid, "a capture takes 1 to \(Self.longest) seconds")
            }
            try begin(for: seconds)
        }
        return status
    }

    private func begin(for seconds: Int) throws(Fault) {
        let (folder, isOn) = state.withLock { ($0.folder, $0.isOn) }
        guard let folder else {
            throw Fault(.denied, "\(service) keeps no captures; set ATELIER_MESH_CAPTURE")
        }
        guard !isOn else {
            throw Fault(.conflict, "\(service) is being captured already; stop that first")
        }
        guard mkdir(folder, 0o700) == 0 || errno == EEXIST else {
            throw Fault(.unavailable, "make \(folder): \(String(cString: strerror(errno)))")
        }
        Self.removeOld(service, in: folder)
        try begin("\(folder)/\(service)-\(Self.now).capture")
        let turn = state.withLock { $0.turn }
        DispatchQueue.global().asyncAfter(deadline: .now() + .seconds(seconds)) { [weak self] in
            guard let self, self.state.withLock({ $0.turn == turn && $0.isOn }) else { return }
            self.end()
        }
    }

    /// Leaves room for one more.
    private static func removeOld(_ service: String, in folder: String) {
        guard let handle = opendir(folder) else { return }
        defer { closedir(handle) }
        var files: [String] = []
        while let entry = readdir(handle) {
            let name = withUnsafeBytes(of: entry.pointee.d_name) { raw in
                String(decoding: raw.prefix { $0 != 0 }, as: UTF8.self)
            }
            if name.hasPrefix("\(service)-"), name.hasSuffix(".capture") { files.append(name) }
        }
        for name in files.sorted().dropLast(kept - 1) {
            unlink("\(folder)/\(name)")
            unlink("\(folder)/\(name).1")
        }
    }

    private var status: CaptureStatus {
        let (writer, isOn) = state.withLock { ($0.writer, $0.isOn) }
        return CaptureStatus(
            isOn: isOn, file: writer?.file, messages: writer?.messages ?? 0,
            lost: writer?.lost ?? 0, failure: writer?.failure)
    }
}
