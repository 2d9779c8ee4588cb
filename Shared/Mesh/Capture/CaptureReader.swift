import Glibc
import Wire

/// Why a capture cannot be read, or not any further.
public enum CaptureError: Error, Sendable, Equatable, CustomStringConvertible {
    case unreadable(file: String, why: String)
    /// It does not begin as one.
    case noCapture(file: String)
    case newer(file: String, version: Int)
    /// The file ends within a record: its writer was killed, or it was copied meanwhile.
    case cutOff(file: String, record: Int, at: Int)
    case broken(file: String, record: Int, at: Int, why: String)

    public var description: String {
        switch self {
        case .unreadable(let file, let why): "\(file) cannot be read: \(why)"
        case .noCapture(let file):
            "\(file) is no capture: make one with atelier mesh capture, or ATELIER_MESH_CAPTURE"
        case .newer(let file, let version):
            "\(file) is of version \(version), which this program does not know; use a newer one"
        case .cutOff(let file, let record, let at):
            "\(file) ends within record \(record), at byte \(at); what stands before it is whole"
        case .broken(let file, let record, let at, let why):
            "\(file) is damaged in record \(record), at byte \(at): \(why)"
        }
    }
}

/// Reads a capture from its beginning, one record at a time.
public struct CaptureReader: ~Copyable {
    private static let block = 1 << 16

    private let file: String
    private let descriptor: Int32
    private var buffer: [UInt8] = []
    /// Where in the buffer the next record begins, and where in the file.
    private var at = 0
    private var offset = 0
    private var record = 0

    /// Opens a file and judges its beginning.
    public init(_ file: String) throws(CaptureError) {
        self.file = file
        descriptor = open(file, O_RDONLY | O_CLOEXEC)
        guard descriptor >= 0 else {
            throw .unreadable(file: file, why: String(cString: strerror(errno)))
        }
        let count = CaptureFormat.start.count
        guard try fill(count), buffer.starts(with: CaptureFormat.beginning) else {
            throw .noCapture(file: file)
        }
        guard buffer[count - 1] == CaptureFormat.version else {
            throw .newer(file: file, version: Int(buffer[count - 1]))
        }
        pass(count)
    }

    deinit { if descriptor >= 0 { close(descriptor) } }

    /// The next record; nil at the end.
    public mutating func next() throws(CaptureError) -> CapturedMessage? {
        guard try fill(1) else { return nil }
        record += 1
        guard try fill(4) else { throw .cutOff(file: file, record: record, at: offset) }
        let length = (0..<4).reduce(0) { $0 << 8 | Int(buffer[at + $1]) }
        guard length > 0, length <= CaptureFormat.largest else {
            throw .broken(
                file: file, record: record, at: offset, why: "a record of \(length) bytes")
        }
        guard try fill(4 + length) else {
            throw .cutOff(file: file, record: record, at: offset)
        }
        let bytes = Array(buffer[at + 4..<at + 4 + length])
        let message: CapturedMessage
        do throws(WireError) {
            message = try WireDecoder.decode(CapturedMessage.self, from: bytes)
        } catch {
            throw .broken(file: file, record: record, at: offset, why: "\(error)")
        }
        pass(4 + length)
        return message
    }

    private mutating func pass(_ count: Int) {
        at += count
        offset += count
    }

    /// Makes sure that so many bytes are at hand; false when the file has fewer.
    private mutating func fill(_ count: Int) throws(CaptureError) -> Bool {
        while buffer.count - at < count {
            if at > 0 {
                buffer.removeFirst(at)
                at = 0
            }
            var block = [UInt8](repeating: 0, count: Self.block)
            let got = read(descriptor, &block, block.count)
            if got < 0 && errno == EINTR { continue }
            guard got >= 0 else {
                throw .unreadable(file: file, why: String(cString: strerror(errno)))
            }
            if got == 0 { return false }
            buffer += block[..<got]
        }
        return true
    }
}
