import Glibc

/// A listener could not be set up.
public struct SPBindError: Error, CustomStringConvertible {
    public let url: String
    public let number: Int32
    public var description: String { "listen on \(url): \(String(cString: strerror(number)))" }
}

extension SPAddress {
    /// A socket that listens here; on ipc nobody else may open it.
    func listen() throws(SPBindError) -> Int32 {
        guard let place = resolve() else { throw SPBindError(url: url, number: EADDRNOTAVAIL) }
        if path != nil { try clear(place) }
        let descriptor = makeSocket(place)
        guard descriptor >= 0 else { throw SPBindError(url: url, number: errno) }
        var on: Int32 = 1
        if path != nil {
            // Linux gives the file the mode of the socket (unix(7)). The process's umask would be
            // every thread's.
            fchmod(descriptor, 0o600)
        } else {
            setsockopt(descriptor, SOL_SOCKET, SO_REUSEADDR, &on, 4)
        }
        guard place.withRaw({ bind(descriptor, $0, $1) }) == 0, Glibc.listen(descriptor, 512) == 0
        else {
            let number = errno
            close(descriptor)
            throw SPBindError(url: url, number: number)
        }
        return descriptor
    }

    /// Removes the socket file of a process that is gone. Anything else that stands there, a
    /// living listener above all, is left alone and refused.
    private func clear(_ place: Place) throws(SPBindError) {
        guard let path else { return }
        var status = stat()
        guard lstat(path, &status) == 0 else { return }
        let taken = SPBindError(url: url, number: EADDRINUSE)
        guard status.st_mode & S_IFMT == S_IFSOCK else { throw taken }
        let probe = makeSocket(place)
        guard probe >= 0 else { throw SPBindError(url: url, number: errno) }
        defer { close(probe) }
        guard place.withRaw({ connect(probe, $0, $1) }) != 0, errno == ECONNREFUSED else {
            throw taken
        }
        unlink(path)
    }
}
