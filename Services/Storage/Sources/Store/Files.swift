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
            throw .damaged(expected: bytes, found: Int(about.st_size))
        }
        var content = [UInt8](repeating: 0, count: count)
        var done = 0
        while done < count {
            let got = content.withUnsafeMutableBytes { buffer in
                pread(file, buffer.baseAddress.map { $0 + done }, count - done, offset + done)
            }
            if got < 0 && errno == EINTR { continue }
            guard got >= 0 else { throw failure("read a content") }
            guard got > 0 else { throw .damaged(expected: bytes, found: offset + done) }
            done += got
        }
        return content
    }

    /// nil when there is no such plain file.
    static func size(of path: String) throws(BlobError) -> Int? {
        try look(path).map { Int($0.st_size) }
    }

    /// Wall milliseconds of the last change, to a second; nil when there is no such plain file.
    static func age(of path: String) throws(BlobError) -> Int64? {
        try look(path).map { Int64($0.st_mtim.tv_sec) * 1_000 }
    }

    static func setAge(of path: String, to milliseconds: Int64) throws(BlobError) {
        let time = timespec(tv_sec: Int(milliseconds / 1_000), tv_nsec: 0)
        guard utimensat(AT_FDCWD, path, [time, time], AT_SYMLINK_NOFOLLOW) == 0 else {
            throw failure("date a content")
        }
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
        .system(doing: doing, errno: errno)
    }
}
