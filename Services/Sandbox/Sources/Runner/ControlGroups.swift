import FoundationEssentials
import Glibc

/// Where control groups may be made, in version 2 of their file system or in version 1
/// (https://docs.kernel.org/admin-guide/cgroup-v2.html).
struct ControlGroups: Sendable {
    private enum Version {
        case one, two
    }

    /// In version 1 every controller has a folder of its own.
    private let version: Version
    private let memory: String
    private let processes: String

    /// `setting` is `auto`, `off` or a folder of version 2 that was delegated to this user.
    static func find(_ setting: String) -> ControlGroups? {
        if setting == "off" { return nil }
        if setting != "auto" { return ControlGroups(delegated: setting) }
        let own = ownPaths()
        if let path = own[""], let groups = ControlGroups(delegated: "/sys/fs/cgroup\(path)") {
            return groups
        }
        guard let memory = own["memory"], let processes = own["pids"] else { return nil }
        let groups = ControlGroups(
            version: .one, memory: "/sys/fs/cgroup/memory\(memory)",
            processes: "/sys/fs/cgroup/pids\(processes)")
        return groups.isUsable ? groups : nil
    }

    private init(version: Version, memory: String, processes: String) {
        (self.version, self.memory, self.processes) = (version, memory, processes)
    }

    private init?(delegated folder: String) {
        let controllers = Set(words("\(folder)/cgroup.subtree_control"))
        guard controllers.isSuperset(of: ["memory", "pids"]) else { return nil }
        self.init(version: .two, memory: folder, processes: folder)
        guard isUsable else { return nil }
    }

    private var isUsable: Bool {
        guard let leaf = try? makeLeaf("probe", Limits()) else { return false }
        leaf.remove()
        return true
    }

    /// A group for one execution. bubblewrap itself needs a few processes in it.
    func makeLeaf(_ id: String, _ limits: Limits) throws(RunnerError) -> Leaf {
        let name = "/atelier-sandbox-\(getpid())-\(id)-\(UInt32.random(in: 0 ... .max))"
        var folders: [String] = []
        for folder in Set([memory + name, processes + name]) {
            guard mkdir(folder, 0o755) == 0 || errno == EEXIST else {
                for made in folders { rmdir(made) }
                throw .last("make a control group")
            }
            folders.append(folder)
        }
        let leaf = Leaf(folders: folders, memory: memory + name, isOne: version == .one)
        do throws(RunnerError) {
            let file = version == .one ? "memory.limit_in_bytes" : "memory.max"
            try write("\(limits.memoryBytes)", to: "\(memory)\(name)/\(file)")
            try write("\(limits.processes + 8)", to: "\(processes)\(name)/pids.max")
        } catch {
            leaf.remove()
            throw error
        }
        // Not every kernel counts swap or has all of these; the limits above are what matters.
        if version == .one {
            try? write("\(limits.memoryBytes)", to: "\(memory)\(name)/memory.memsw.limit_in_bytes")
        } else {
            try? write("0", to: "\(memory)\(name)/memory.swap.max")
            try? write("1", to: "\(memory)\(name)/memory.oom.group")
        }
        return leaf
    }

    /// Removes the empty groups of processes that are no more; for the start.
    func removeStale() {
        for folder in Set([memory, processes]) {
            let names = (try? FileManager.default.contentsOfDirectory(atPath: folder)) ?? []
            for name in names where name.hasPrefix("atelier-sandbox-") {
                let owner = name.dropFirst(16).prefix { $0 != "-" }
                if let pid = pid_t(owner), kill(pid, 0) != 0, errno == ESRCH {
                    rmdir("\(folder)/\(name)")
                }
            }
        }
    }

    /// The path of this process by controller; the empty name is version 2.
    private static func ownPaths() -> [String: String] {
        var paths: [String: String] = [:]
        for line in text("/proc/self/cgroup").split(separator: "\n") {
            let parts = line.split(separator: ":", maxSplits: 2, omittingEmptySubsequences: false)
            guard parts.count == 3 else { continue }
            let path = parts[2] == "/" ? "" : String(parts[2])
            for name in parts[1].split(separator: ",", omittingEmptySubsequences: false) {
                paths[String(name)] = path
            }
        }
        return paths
    }
}

extension ControlGroups {
    /// The group of one execution.
    struct Leaf: Sendable {
        fileprivate let folders: [String]
        fileprivate let memory: String
        fileprivate let isOne: Bool

        /// Begins a command that joins the group and then becomes `command`, so that nothing of it
        /// was ever outside. (Moving bubblewrap's child at `--block-fd` would come too late: it has
        /// forked by then.) The shell reads a constant; paths and command are its arguments.
        ///
        /// The shell makes up a PWD, which `env` takes away again.
        func joining(_ command: [String], environment: [String]) -> [String] {
            let script = """
                while [ "$1" != -- ]; do echo $$ > "$1" || exit 125; shift; done; shift; exec "$@"
                """
            return ["/bin/sh", "-c", script, "sh"] + folders.map { $0 + "/cgroup.procs" } + ["--"]
                + ["/usr/bin/env", "-i"] + environment + command
        }

        /// How often a process was killed for want of memory.
        var memoryKills: Int {
            let file = isOne ? "memory.oom_control" : "memory.events"
            let words = words("\(memory)/\(file)")
            guard let at = words.firstIndex(of: "oom_kill"), at + 1 < words.count else { return 0 }
            return Int(words[at + 1]) ?? 0
        }

        /// Version 2 kills all members at once; in version 1 the namespace's end does it.
        func kill() {
            if !isOne { try? write("1", to: "\(memory)/cgroup.kill") }  // Linux 5.14 and later
        }

        /// Waits a little: a killed process takes a moment to leave its group.
        func remove() {
            for folder in folders {
                var tries = 100
                while rmdir(folder) != 0 && errno == EBUSY && tries > 0 {
                    tries -= 1
                    usleep(1_000)
                }
            }
        }
    }
}

private func text(_ path: String) -> String {
    guard let data = try? Data(contentsOf: URL(filePath: path)) else { return "" }
    return String(decoding: data, as: UTF8.self)
}

private func words(_ path: String) -> [String] {
    text(path).split(whereSeparator: \.isWhitespace).map(String.init)
}

private func write(_ text: String, to path: String) throws(RunnerError) {
    let file = open(path, O_WRONLY | O_CLOEXEC)
    guard file >= 0 else { throw .last("open \(path)") }
    defer { close(file) }
    guard Glibc.write(file, text, text.utf8.count) == text.utf8.count else {
        throw .last("write \(path)")
    }
}
