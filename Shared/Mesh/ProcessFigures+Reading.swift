import Glibc

extension ProcessFigures {
    /// Those of this process, in a few system calls. What the system does not tell is zero.
    static func read() -> ProcessFigures {
        var figures = ProcessFigures()
        figures.process = Int(getpid())
        figures.residentBytes = residentPages() * sysconf(Int32(_SC_PAGESIZE))
        var time = timespec()
        if clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &time) == 0 {
            figures.processorMilliseconds = time.tv_sec * 1_000 + time.tv_nsec / 1_000_000
        }
        var limit = rlimit()
        if getrlimit(__rlimit_resource_t(RLIMIT_NOFILE.rawValue), &limit) == 0 {
            figures.descriptorLimit = Int(clamping: limit.rlim_cur)
        }
        figures.descriptors = openDescriptors()
        return figures
    }

    /// The second number of `/proc/self/statm` (proc(5)).
    private static func residentPages() -> Int {
        let file = open("/proc/self/statm", O_RDONLY | O_CLOEXEC)
        guard file >= 0 else { return 0 }
        defer { close(file) }
        var line = [UInt8](repeating: 0, count: 128)
        let count = Glibc.read(file, &line, line.count)
        let words = line.prefix(max(count, 0)).split(separator: UInt8(ascii: " "))
        return words.count > 1 ? Int(String(decoding: words[1], as: UTF8.self)) ?? 0 : 0
    }

    /// Since Linux 6.2 the folder's size is their number; before that they are counted.
    private static func openDescriptors() -> Int {
        var status = stat()
        if stat("/proc/self/fd", &status) == 0, status.st_size > 0 { return status.st_size }
        guard let folder = opendir("/proc/self/fd") else { return 0 }
        defer { closedir(folder) }
        var count = 0
        while readdir(folder) != nil { count += 1 }
        return max(count - 3, 0)  // not `.`, `..` and the folder itself
    }
}
