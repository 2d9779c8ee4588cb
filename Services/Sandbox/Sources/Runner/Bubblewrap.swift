import Contracts
import Glibc

/// How a command is walled in: the arguments for bubblewrap (https://github.com/containers/bubblewrap).
struct Bubblewrap: Sendable {
    /// Nobody, inside; and outside when the service runs as root.
    static let nobody: UInt32 = 65_534
    private static let sharedMemoryBytes = 16 << 20

    /// The program, and folders of the host to be seen inside beside the usual ones, read-only.
    let path: String
    let exposed: [String]
    /// What system calls may do; empty where none is known for this processor.
    let filter: [UInt8]
    /// Whom the host sees run the command; nil for the service's own user.
    let user: UInt32?

    /// A launch whose descriptors begin with `streams`; `leaf` is joined before anything else.
    func launch(
        _ order: Order, streams: [Descriptor], status: Descriptor,
        leaf: ControlGroups.Leaf?
    ) throws(RunnerError) -> Launch {
        var given = streams
        func give(_ descriptor: Descriptor) -> String {
            given.append(descriptor)
            return "\(given.count - 1)"
        }
        func give(_ text: String) throws(RunnerError) -> String {
            give(try Descriptor.file(Array(text.utf8)))
        }
        var options = namespaces + ["--json-status-fd", give(status)]
        if !filter.isEmpty { options += ["--seccomp", give(try Descriptor.file(filter))] }
        options += hostFolders
        let names = "nobody:x:\(Self.nobody):\(Self.nobody)::/workspace:/bin/sh\n"
        options += ["--perms", "0444", "--file", try give(names), "/etc/passwd"]
        options += [
            "--perms", "0444", "--file", try give("nobody:x:\(Self.nobody):\n"), "/etc/group",
        ]
        for folder in ["/tmp", "/workspace"] {
            options += [
                "--perms", "1777", "--size", "\(order.limits.diskBytes)", "--tmpfs", folder,
            ]
        }
        for file in order.files {
            let number = try give(file.content)
            options += ["--perms", "0755", "--file", number, "/workspace/\(file.path)"]
        }
        options += [
            "--proc", "/proc", "--dev", "/dev",
            "--perms", "1777", "--size", "\(Self.sharedMemoryBytes)", "--tmpfs", "/dev/shm",
            "--remount-ro", "/dev", "--remount-ro", "/", "--chdir", "/workspace",
        ]
        // By descriptor, so that /proc/1/cmdline inside tells nothing of the host.
        let list = try give(options.map { $0 + "\0" }.joined())
        let arguments = dropping + [path, "--args", list, "--"] + Limiter.arguments(order.limits)
        let command = arguments + order.command
        return Launch(
            arguments: leaf?.joining(command, environment: []) ?? command, descriptors: given)
    }

    private var namespaces: [String] {
        let inside = "\(Self.nobody)"
        return [
            "--unshare-user", "--unshare-all", "--disable-userns", "--die-with-parent",
            "--new-session", "--uid", inside, "--gid", inside, "--hostname", "sandbox",
            "--cap-drop", "ALL", "--clearenv", "--setenv", "PATH", "/usr/bin:/bin",
            "--setenv", "HOME", "/workspace", "--setenv", "TMPDIR", "/tmp",
            "--setenv", "LANG", "C.UTF-8",
        ]
    }

    /// `/usr` without what is local to the machine, and what its programs need to start.
    private var hostFolders: [String] {
        var options = ["--ro-bind", "/usr", "/usr"]
        for folder in ["/usr/local", "/usr/src"] where access(folder, F_OK) == 0 {
            options += ["--size", "4096", "--tmpfs", folder]
            for inner in exposed where inner.hasPrefix(folder) {
                options += ["--ro-bind-try", inner, inner]
            }
            options += ["--remount-ro", folder]
        }
        for folder in ["/bin", "/sbin", "/lib", "/lib32", "/lib64", "/libx32"] {
            if let target = linkTarget(folder) {
                options += ["--symlink", target, folder]
            } else {
                options += ["--ro-bind-try", folder, folder]
            }
        }
        for folder in ["/etc/ld.so.cache", "/etc/alternatives"] {
            options += ["--ro-bind-try", folder, folder]
        }
        for folder in exposed where !folder.hasPrefix("/usr/") {
            options += ["--ro-bind-try", folder, folder]
        }
        return options
    }

    /// Another user, for good, before bubblewrap even starts.
    private var dropping: [String] {
        guard let user else { return [] }
        return [
            "/usr/bin/setpriv", "--reuid=\(user)", "--regid=\(user)", "--clear-groups",
            "--bounding-set=-all", "--inh-caps=-all", "--no-new-privs", "--",
        ]
    }
}

/// Resource limits, set by a program that then becomes the command: no shell reads its arguments.
enum Limiter {
    static func arguments(_ limits: Limits) -> [String] {
        let seconds = (limits.wallMilliseconds + 999) / 1_000 + 1
        var arguments = [
            "/usr/bin/prlimit", "--nproc=\(limits.processes)", "--nofile=256", "--core=0",
            "--fsize=\(limits.diskBytes)", "--cpu=\(seconds)", "--memlock=0", "--msgqueue=0",
        ]
        if let bytes = limits.addressBytes { arguments.append("--as=\(bytes)") }
        return arguments + ["--"]
    }
}

/// Where a symbolic link leads; nil when it is none.
func linkTarget(_ path: String) -> String? {
    withUnsafeTemporaryAllocation(of: CChar.self, capacity: 4_096) { buffer in
        guard let start = buffer.baseAddress else { return nil }
        let count = readlink(path, start, buffer.count)
        guard count > 0 else { return nil }
        return String(decoding: buffer[..<count].map(UInt8.init(bitPattern:)), as: UTF8.self)
    }
}
