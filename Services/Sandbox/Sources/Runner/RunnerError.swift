import Glibc

/// Why a command was not run at all.
enum RunnerError: Error, CustomStringConvertible {
    case system(doing: String, errno: Int32)
    /// bubblewrap gave up before the command began.
    case setup(String)

    var description: String {
        switch self {
        case .system(let doing, let code): "\(doing): \(String(cString: strerror(code)))"
        case .setup(let words): "bubblewrap: \(words.prefix(300))"
        }
    }

    /// The error that the last call left behind.
    static func last(_ doing: String) -> RunnerError { .system(doing: doing, errno: errno) }
}
