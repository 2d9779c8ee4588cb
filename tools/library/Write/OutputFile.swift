import Console
import Glibc
import MeshContract
import ServiceKit

/// Where a finished document goes: beside its draft, and never over it.
struct OutputFile: Sendable, Equatable {
    let path: String

    /// `paper.md` gives `paper.refined.md`. What stands there is an earlier output, and is replaced.
    static func path(beside input: String) -> String {
        let name = DocumentFile.name(of: input)
        let folder = input.dropLast(name.count)
        let dot = name.lastIndex(of: ".") ?? name.endIndex
        let stem = dot == name.startIndex ? name[...] : name[..<dot]
        return folder + stem + ".refined.md"
    }

    /// Refuses, before any work is done, a place that could not be written to afterwards.
    init(_ path: String, draft: DocumentFile, references: [DocumentFile]) throws(Refusal) {
        for input in [draft] + references where Self.isSame(path, input.path) {
            throw Refusal(.usage, "\(path) is an input; choose another place with --out")
        }
        try self.init(path)
    }

    /// The same for what comes from nowhere on this machine.
    init(_ path: String) throws(Refusal) {
        var info = stat()
        if stat(path, &info) == 0, info.st_mode & S_IFMT != S_IFREG {
            throw Refusal(.usage, "\(path) is no file that could be replaced")
        }
        let name = DocumentFile.name(of: path)
        let folder = path.dropLast(name.count).isEmpty ? "." : String(path.dropLast(name.count))
        guard stat(folder, &info) == 0, info.st_mode & S_IFMT == S_IFDIR else {
            throw Refusal(.usage, "\(path): there is no folder \(folder)")
        }
        guard access(folder, W_OK) == 0 else {
            throw Refusal(.denied, "\(folder) cannot be written to: \(systemReason())")
        }
        self.path = path
    }

    /// Whole or not at all, and as private as the draft.
    func write(_ text: String, mode: mode_t) throws(Refusal) {
        try write(Array(text.utf8), mode: mode)
    }

    func write(_ bytes: [UInt8], mode: mode_t) throws(Refusal) {
        do {
            try DataFolder.write(bytes, to: path)
        } catch {
            throw Refusal(error)
        }
        chmod(path, mode | 0o600)
    }

    private static func isSame(_ one: String, _ other: String) -> Bool {
        var (left, right) = (stat(), stat())
        guard stat(one, &left) == 0, stat(other, &right) == 0 else { return false }
        return left.st_dev == right.st_dev && left.st_ino == right.st_ino
    }
}
