import Glibc

/// The calls on files that contents need, each with its error. They block.
enum Files {
    static func makeFolder(_ path: String) throws(BlobError) {
        guard mkdir(path, 0o700) == 0 || errno == EEXIST else { throw failure("make a folder") }
    }

    /// Writes a private file and waits until the disk has it.
    static func write(_ content: [UInt8], to path: String) throws(BlobError) {
        let file = open(path, O_WRONLY | O_CREAT | O_TRUNC | O_NOFOLLOW | O_CLOEXEC, 0o600)
        guard file >= 0 else { throw failure("open a draft") }
        defer { close(file) }
        var done = 0
        while done < content.count {
            let count = content.withUnsafeBytes { bytes in
                Glibc.write(file, bytes.baseAddress.map { $0 + done }, bytes.count - done)
            }
            if count < 0 && errno == EINTR { continue }
            guard count > 0 else { throw failure("write a draft") }
            done += count
        }
        guard fsync(file) == 0 else { throw failure("sync a draft") }
    }

    static func move(_ draft: String, to path: String) throws(BlobError) {
        guard rename(draft, path) == 0 else { throw failure("rename a draft") }
    }

    /// Gives a file a second name in the place of what has it; where the file system has no second
    /// names, the file moves.
    static func link(_ draft: String, to path: String) throws(BlobError) {
        unlink(path)
        if Glibc.link(draft, path) == 0 { return }
        guard errno == EPERM || errno == ENOTSUP || errno == EMLINK else {
            throw failure("link a draft")
        }
        try move(draft, to: path)
    }

    /// A name is on disk only once its folder is.
    static func sync(folder: String) throws(BlobError) {
        let descriptor = open(folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC)
        guard descriptor >= 0 else { throw failure("open a folder") }
        defer { close(descriptor) }
        guard fsync(descriptor) == 0 else { throw failure("sync a folder") }
    }

    /// Reads a part of a file that must be a plain one of `bytes` bytes.
    static func read(
        _ path: String, of bytes: Int, from offset: Int, count: Int
    ) throws(BlobError) -> [UInt8] {
        let file = open(path, O_RDONLY | O_NOFOLLOW | O_CLOEXEC)
        guard file >= 0 else { throw errno == ENOENT ? .missing : failure("open a content") }
        defer { close(file) }
        var about = stat()
        guard fstat(file, &about) == 0 else { throw failure("look at a content") }
        guard about.st_mode & S_IFMT == S_IFREG, Int(about.st_size) == bytes else {
            throw .damaged(what: "\(about.st_size) bytes instead of \(bytes)")
        }
        var content = [UInt8](repeating: 0, count: count)
        var done = 0
        while done < count {
            let got = content.withUnsafeMutableBytes { buffer in
                pread(file, buffer.baseAddress.map { $0 + done }, count - done, offset + done)
            }
            if got < 0 && errno == EINTR { continue }
            guard got >= 0 else { throw failure("read a content") }
            guard got > 0 else { throw .damaged(what: "ends at \(offset + done)") }
            done += got
        }
        return content
    }

    /// nil when there is no such plain file.
    static func size(of path: String) throws(BlobError) -> Int? {
        try look(path).map { Int($0.st_size) }
    }

    /// Writes behind what is there.
    static func append(
        _ content: ArraySlice<UInt8>, to path: String, at offset: Int
    ) throws(BlobError) {
        let file = open(path, O_WRONLY | O_NOFOLLOW | O_CLOEXEC)
        guard file >= 0 else { throw failure("open a draft") }
        defer { close(file) }
        var done = 0
        while done < content.count {
            let count = content.withUnsafeBytes { bytes in
                pwrite(
                    file, bytes.baseAddress.map { $0 + done }, bytes.count - done, offset + done)
            }
            if count < 0 && errno == EINTR { continue }
            guard count > 0 else { throw failure("write a draft") }
            done += count
        }
    }

    /// Waits until the disk has a file.
    static func sync(file path: String) throws(BlobError) {
        let file = open(path, O_WRONLY | O_NOFOLLOW | O_CLOEXEC)
        guard file >= 0 else { throw errno == ENOENT ? .missing : failure("open a draft") }
        defer { close(file) }
        guard fsync(file) == 0 else { throw failure("sync a draft") }
    }

    /// Bytes that we may still write on the disk of `folder` (statvfs(3)).
    static func free(at folder: String) throws(BlobError) -> Int {
        var about = statvfs()
        guard statvfs(folder, &about) == 0 else { throw failure("ask for room on the disk") }
        return Int(
            clamping: UInt64(about.f_bavail).multipliedReportingOverflow(
                by: UInt64(about.f_frsize)
            ).partialValue)
    }

    /// The names in a folder, without the two that every one has; none when it is not there.
    static func names(in folder: String) throws(BlobError) -> [String] {
        guard let listing = opendir(folder) else {
            if errno == ENOENT { return [] }
            throw failure("list a folder")
        }
        defer { closedir(listing) }
        var names: [String] = []
        while let entry = readdir(listing) {
            let name = withUnsafeBytes(of: &entry.pointee.d_name) { bytes in
                String(decoding: bytes.prefix { $0 != 0 }, as: UTF8.self)
            }
            if name != "." && name != ".." { names.append(name) }
        }
        return names
    }

    private static func look(_ path: String) throws(BlobError) -> stat? {
        var about = stat()
        guard lstat(path, &about) == 0 else {
            if errno == ENOENT { return nil }
            throw failure("look at a content")
        }
        return about.st_mode & S_IFMT == S_IFREG ? about : nil
    }

    private static func failure(_ doing: String) -> BlobError {
        errno == ENOSPC || errno == EDQUOT ? .full : .system(doing: doing, errno: errno)
    }
}
