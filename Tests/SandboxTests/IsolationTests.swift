import Contracts
import FoundationEssentials
import Glibc
import Mesh
import MeshContract
import ServiceKit
import Testing
import Testkit

@testable import SandboxService

@Suite("Isolation", .isolating)
struct IsolationTests {
    let rig: Rig

    init() async throws { rig = try await Rig() }

    @Test("there is no network, not even a loopback with something behind it")
    func network() async throws {
        let links = try await rig.shell("tail -n +3 /proc/net/dev | cut -d: -f1")
        #expect(links.standardOutput.split(separator: "\n").map { $0.drop { $0 == " " } } == ["lo"])
        let connect = try await rig.python(
            """
            import socket
            for host in ("1.1.1.1", "127.0.0.1"):
                try:
                    socket.create_connection((host, 80), 1); print("connected")
                except OSError as error: print("refused")
            """)
        #expect(connect.standardOutput == "refused\nrefused\n")
    }

    @Test("the host's files are not there")
    func files() async throws {
        let execution = try await rig.shell(
            "ls -A / | tr '\\n' ' '; echo; for f in /root /home /etc/shadow /etc/hosts /sys /work "
                + "\(rig.mesh.data.path); do [ -e $f ] && echo $f; done; ls -A /etc /usr/local")
        let root = execution.standardOutput.split(separator: "\n").first ?? ""
        let known: Set<Substring> = [
            "bin", "dev", "etc", "lib", "lib32", "lib64", "libx32", "proc", "sbin", "tmp", "usr",
            "workspace",
        ]
        #expect(Set(root.split(separator: " ")).isSubset(of: known))
        #expect(!execution.standardOutput.contains("shadow"))
        #expect(execution.standardOutput.hasSuffix("/usr/local:\n"))
    }

    @Test("only the workspace, /tmp and /dev/shm can be written")
    func readOnly() async throws {
        let execution = try await rig.shell(
            "for d in / /usr /usr/local /etc /dev /proc /workspace /tmp /dev/shm; do "
                + "touch $d/x 2>/dev/null && echo $d; done")
        #expect(execution.standardOutput == "/workspace\n/tmp\n/dev/shm\n")
    }

    @Test("nothing of the service's environment, arguments or descriptors is seen")
    func secrets() async throws {
        setenv("ATELIER_SANDBOX_TEST_SECRET", "hunter2", 1)
        let leak = open("/etc/hostname", O_RDONLY)  // not closed on exec, as a library might
        defer { close(leak) }
        let execution = try await rig.shell(
            "env; cat /proc/*/environ /proc/1/cmdline | tr '\\0' '\\n'; ls /proc/self/fd; hostname")
        #expect(!execution.standardOutput.contains("hunter2"))
        #expect(!execution.standardOutput.contains(rig.mesh.data.path))
        #expect(!execution.standardOutput.contains("/workspace/"))
        #expect(execution.standardOutput.hasSuffix("\n0\n1\n2\n3\nsandbox\n"))
    }

    @Test("the command is nobody, without capabilities, alone in its process list")
    func identity() async throws {
        let execution = try await rig.shell(
            "id -u; grep -E 'Cap(Eff|Bnd)' /proc/self/status; ls /proc | grep -c '^[0-9]'")
        let lines = execution.standardOutput.split(separator: "\n")
        #expect(lines.first == "65534")
        #expect(lines.dropFirst().prefix(2).allSatisfy { $0.hasSuffix("\t0000000000000000") })
        #expect(Int(lines.last ?? "") ?? 99 <= 5)
    }

    @Test("another user owns the processes on the host when the service is root")
    func user() async throws {
        guard geteuid() == 0 else { return #expect(!rig.node.report.holding.contains(.ownUser)) }
        let map = try await rig.shell("cat /proc/self/uid_map")
        #expect(map.standardOutput.split(whereSeparator: \.isWhitespace).first == "65534")
        #expect(rig.node.report.holding.contains(.ownUser))
    }

    @Test("too much memory ends the command and says so", arguments: ["auto", "off"])
    func memory(groups: String) async throws {
        let rig = try await Rig(["SANDBOX_CGROUP": groups])
        let execution = try await rig.python(
            "a = bytearray(400 << 20); print(len(a))", memory: 64 << 20)
        #expect(execution.standardOutput == "")
        #expect(execution.exitCode != 0)
        #expect(execution.isOutOfMemory)
        let modest = try await rig.python("a = bytearray(8 << 20); print(1)", memory: 64 << 20)
        #expect(modest.standardOutput == "1\n")
        #expect(!modest.isOutOfMemory)
    }

    @Test("with a control group, many processes together have no more than one")
    func memoryTogether() async throws {
        guard rig.node.runner.groups != nil else { return }
        let execution = try await rig.python(
            """
            import os, time
            for _ in range(8):
                if os.fork() == 0:
                    a = bytearray(30 << 20); time.sleep(2); os._exit(0)
            dead = sum(os.wait()[1] != 0 for _ in range(8)); print(dead > 0)
            """, memory: 100 << 20)
        #expect(execution.isOutOfMemory)
    }

    @Test("a fork bomb stays small", arguments: ["auto", "off"])
    func forkBomb(groups: String) async throws {
        let rig = try await Rig(["SANDBOX_CGROUP": groups])
        let execution = try await rig.python(
            """
            import os, time
            count = 0
            try:
                while count < 1000:
                    if os.fork() == 0: time.sleep(5); os._exit(0)
                    count += 1
            except OSError: pass
            print(count)
            """)
        let count = Int(execution.standardOutput.dropLast()) ?? 1_000
        #expect((1...64).contains(count))
        let bomb = try await rig.shell("f() { f | f & }; f; sleep 60", wall: 300)
        #expect(bomb.isTimedOut || bomb.exitCode != 0)
        #expect(bomb.wallMilliseconds < 3_000)
    }

    @Test("the workspace is full at its limit, with one file or with many")
    func disk() async throws {
        let rig = try await Rig(["SANDBOX_DISK_BYTES": "8388608"])
        let one = try await rig.shell("head -c 20000000 /dev/zero > f; stat -c %s f")
        #expect(Int(one.standardOutput.dropLast()) ?? .max <= 8_388_608)
        let many = try await rig.shell(
            "for i in 1 2 3 4 5 6; do head -c 4000000 /dev/zero > f$i 2>/dev/null; done; "
                + "cat f* | wc -c")
        #expect(Int(many.standardOutput.dropLast()) ?? .max <= 8_388_608)
    }

    @Test("the workspace is a new one each time, and nothing of it stays on the host")
    func workspace() async throws {
        _ = try await rig.shell("touch /workspace/mine /tmp/mine /dev/shm/mine")
        let execution = try await rig.shell("ls -A /workspace /tmp /dev/shm")
        #expect(execution.standardOutput == "/dev/shm:\n\n/tmp:\n\n/workspace:\n")
        let left = try FileManager.default.contentsOfDirectory(atPath: rig.mesh.data.path)
        #expect(Set(left) == ["run", "keys", "config", "logs"])
        #expect(!FileManager.default.fileExists(atPath: "/tmp/mine"))
    }

    @Test(
        "dangerous system calls are refused",
        .enabled("no filter for this processor", Machine.filters),
        arguments: [
            "import ctypes; c = ctypes.CDLL(None, use_errno=True); print(c.ptrace(0, 0, 0, 0))",
            "import ctypes; c = ctypes.CDLL(None, use_errno=True); print(c.unshare(0x10000000))",
            "import ctypes; c = ctypes.CDLL(None, use_errno=True); print(c.syscall(250, 0, 0))",
            "import socket\ntry: socket.socket(16, 3, 0)\nexcept OSError: print(-1)",
            "import socket\ntry: socket.socket(40, 1, 0)\nexcept OSError: print(-1)",
            "import fcntl\ntry: fcntl.ioctl(0, 0x5412, b'a')\n"
                + "except PermissionError: print(-1)",
        ])
    func filter(code: String) async throws {
        #expect(try await rig.python(code).standardOutput == "-1\n")
    }

    @Test("threads, sockets between processes and plain ioctls still work under the filter")
    func allowed() async throws {
        let execution = try await rig.python(
            """
            import threading, socket, subprocess, os
            a, b = socket.socketpair(); a.send(b"x")
            t = threading.Thread(target=lambda: print(b.recv(1))); t.start(); t.join()
            print(subprocess.check_output(["echo", "sub"]), os.isatty(0))
            """)
        #expect(execution.standardOutput == "b'x'\nb'sub\\n' False\n")
    }

    @Test("the service tells which layers hold")
    func layers() async throws {
        let layers = try await rig.client.call(Sandbox.GetLayers())
        #expect(layers.strength == "strong" || layers.strength == "weak")
        #expect(layers.holding.contains("network-namespace"))
        #expect(Set(layers.holding).isDisjoint(with: layers.missing))
        #expect(layers.holding.count + layers.missing.count == Layer.allCases.count)
        let weak = try await Rig(["SANDBOX_CGROUP": "off"]).client.call(Sandbox.GetLayers())
        #expect(weak.strength == "weak")
        #expect(weak.missing.contains("control-group"))
    }
}
