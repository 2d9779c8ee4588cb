import Console
import FoundationEssentials
import Glibc
import MeshContract
import ServiceKit

/// A text that goes into a run: read and judged before anything is sent anywhere.
struct DocumentFile: Sendable, Equatable {
    /// Largest document, in bytes; the gateway takes no more either.
    static let limit = 2 << 20

    let path: String
    let text: String
    /// Permission bits, for what is written beside it.
    let mode: mode_t

    /// Each way in which a file can be unfit has its own words.
    init(reading path: String) throws(Refusal) {
        // Not blocking: a named pipe without a writer would be waited for.
        let descriptor = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK)
        guard descriptor >= 0 else {
            throw Refusal(
                .noInput,
                errno == ENOENT ? "\(path): there is no such file" : "\(path): \(systemReason())")
        }
        defer { close(descriptor) }
        var info = stat()
        guard fstat(descriptor, &info) == 0 else {
            throw Refusal(.noInput, "\(path): \(systemReason())")
        }
        switch info.st_mode & S_IFMT {
        case S_IFREG: break
        case S_IFDIR: throw Refusal(.noInput, "\(path) is a folder; a document is one text file")
        default: throw Refusal(.noInput, "\(path) is no regular file")
        }
        guard info.st_size <= Self.limit else {
            throw Refusal(
                .badInput,
                "\(path) has \(Figures.grouped(Int(info.st_size))) bytes; a document has at most "
                    + "\(Figures.grouped(Self.limit)) (2 MiB). Nothing was sent")
        }
        self.path = path
        mode = info.st_mode & 0o777
        text = try Self.text(try Self.bytes(descriptor, of: path), of: path)
    }

    private static func bytes(_ descriptor: Int32, of path: String) throws(Refusal) -> [UInt8] {
        var bytes: [UInt8] = []
        var buffer = [UInt8](repeating: 0, count: 64 << 10)
        while true {
            let count = read(descriptor, &buffer, buffer.count)
            if count < 0 && errno == EINTR { continue }
            guard count >= 0 else { throw Refusal(.noInput, "\(path): \(systemReason())") }
            if count == 0 { return bytes }
            bytes += buffer.prefix(count)
            guard bytes.count <= limit else {
                throw Refusal(.badInput, "\(path) grew over 2 MiB while it was read")
            }
        }
    }

    private static func text(_ bytes: [UInt8], of path: String) throws(Refusal) -> String {
        if let offset = firstInvalidByte(bytes) {
            throw Refusal(
                .badInput, "\(path) is not UTF-8 text: the byte at offset \(offset) is not valid")
        }
        if let offset = bytes.firstIndex(of: 0) {
            throw Refusal(.badInput, "\(path) is not text: it has a NUL byte at offset \(offset)")
        }
        var text = String(decoding: bytes, as: UTF8.self)
        if text.unicodeScalars.first == "\u{FEFF}" { text.unicodeScalars.removeFirst() }
        guard text.contains(where: { !$0.isWhitespace }) else {
            throw Refusal(.badInput, "\(path) is empty; there is nothing to refine")
        }
        return text
    }

    /// Where the bytes stop being UTF-8; nil when they never do.
    static func firstInvalidByte(_ bytes: [UInt8]) -> Int? {
        var index = 0
        while index < bytes.count {
            let lead = bytes[index]
            let (length, second): (Int, ClosedRange<UInt8>)
            switch lead {
            case ..<0x80:
                index += 1
                continue
            case 0xC2...0xDF: (length, second) = (2, 0x80...0xBF)
            case 0xE0: (length, second) = (3, 0xA0...0xBF)
            case 0xED: (length, second) = (3, 0x80...0x9F)
            case 0xE1...0xEF: (length, second) = (3, 0x80...0xBF)
            case 0xF0: (length, second) = (4, 0x90...0xBF)
            case 0xF1...0xF3: (length, second) = (4, 0x80...0xBF)
            case 0xF4: (length, second) = (4, 0x80...0x8F)
            default: return index
            }
            let rest = bytes[index...].prefix(length).dropFirst()
            guard rest.count == length - 1, second.contains(rest[rest.startIndex]),
                rest.dropFirst().allSatisfy({ (0x80...0xBF).contains($0) })
            else { return index }
            index += length
        }
        return nil
    }

    var name: String { Self.name(of: path) }

    /// The first heading, else the file's name.
    var title: String {
        var isCode = false
        for line in text.split(whereSeparator: \.isNewline).prefix(50) {
            if line.hasPrefix("```") || line.hasPrefix("~~~") { isCode.toggle() }
            guard !isCode, line.hasPrefix("# ") else { continue }
            let heading = Printable.line(String(line.dropFirst(2)), limit: 160)
            let trimmed = heading.drop { $0.isWhitespace }
            if !trimmed.isEmpty { return String(trimmed) }
        }
        return Printable.line(name, limit: 160)
    }

    static func name(of path: String) -> String {
        path.split(separator: "/").last.map(String.init) ?? path
    }

    static func words(in text: String) -> Int {
        var count = 0
        var isInside = false
        for scalar in text.unicodeScalars {
            let isSpace = scalar.properties.isWhitespace
            if !isSpace && !isInside { count += 1 }
            isInside = !isSpace
        }
        return count
    }
}
