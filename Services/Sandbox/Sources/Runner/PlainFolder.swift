import Contracts
import Glibc

/// A private folder on the host for a command that runs without isolation; gone with its owner.
final class PlainFolder: Sendable {
    let path: String

    /// The paths have been checked, and the folder is new: no link can lead out of it.
    init(_ files: [Sandbox.File], user: UInt32?) throws(RunnerError) {
        var template = Array("/tmp/atelier-sandbox-XXXXXX".utf8CString)
        guard mkdtemp(&template) != nil else { throw .last("make a workspace") }
        path = String(decoding: template.dropLast().map(UInt8.init(bitPattern:)), as: UTF8.self)
        for file in files {
            for folder in WorkspacePath.folders(of: file.path) {
                guard mkdir("\(path)/\(folder)", 0o700) == 0 || errno == EEXIST else {
                    throw .last("make a folder of the workspace")
                }
                Self.give("\(path)/\(folder)", to: user)
            }
            try Self.write(file.content, to: "\(path)/\(file.path)")
            Self.give("\(path)/\(file.path)", to: user)
        }
        Self.give(path, to: user)
    }

    deinit { Self.remove(path) }

    private static func give(_ path: String, to user: UInt32?) {
        if let user { lchown(path, user, user) }
    }

    private static func write(_ content: String, to path: String) throws(RunnerError) {
        let flags = O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC
        let file = open(path, flags, 0o700)
        guard file >= 0 else { throw .last("make a file of the workspace") }
        defer { close(file) }
        var rest = Array(content.utf8)[...]
        while !rest.isEmpty {
            let count = rest.withUnsafeBytes { Glibc.write(file, $0.baseAddress, $0.count) }
            if count < 0 && errno == EINTR { continue }
            guard count > 0 else { throw .last("write a file of the workspace") }
            rest = rest.dropFirst(count)
        }
    }

    /// Follows no link: what one points to is not ours to remove.
    private static func remove(_ path: String) {
        if let listing = opendir(path) {
            while let entry = readdir(listing) {
                let name = withUnsafeBytes(of: &entry.pointee.d_name) { bytes in
                    String(decoding: bytes.prefix { $0 != 0 }, as: UTF8.self)
                }
                guard name != "." && name != ".." else { continue }
                let isFolder = entry.pointee.d_type == 4  // DT_DIR; a link is not one
                if isFolder { remove("\(path)/\(name)") } else { unlink("\(path)/\(name)") }
            }
            closedir(listing)
        }
        rmdir(path)
    }
}
