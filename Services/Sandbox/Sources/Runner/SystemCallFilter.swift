import CSpawn

/// A seccomp filter (seccomp(2)), assembled here: what the namespaces leave open and no program that
/// computes something needs. It refuses by list; what is not on it is allowed.
enum SystemCallFilter {
    /// The filter as bubblewrap takes it, an array of `struct sock_filter`; empty where the
    /// processor is unknown.
    static var program: [UInt8] {
        guard let architecture else { return [] }
        var code = Assembly()
        code.load(offset: 4)
        code.when(equal: architecture, else: .kill)
        code.load(offset: 0)
        #if arch(x86_64)
            code.refuse(from: 0x4000_0000)  // the x32 calls would walk around every number below
        #endif
        for call in refused { code.refuse(call, .error(1)) }
        // Without its flags in a register clone3 cannot be judged; glibc falls back to clone.
        code.refuse(UInt32(__NR_clone3), .error(38))
        code.refuse(UInt32(__NR_clone), argument: 0, anyOf: namespaceFlags)
        code.allow(UInt32(__NR_socket), argument: 0, only: [1, 2, 10], else: .error(97))
        // TIOCSTI and TIOCLINUX put words into a terminal's mouth.
        code.refuse(UInt32(__NR_ioctl), argument: 1, values: [0x5412, 0x541c])
        code.answer(.allow)
        return code.bytes
    }

    /// All `CLONE_NEW…` of clone(2).
    private static let namespaceFlags: UInt32 = 0x7e02_0080

    /// `AUDIT_ARCH_…` of linux/audit.h.
    private static var architecture: UInt32? {
        #if arch(x86_64)
            0xc000_003e
        #elseif arch(arm64)
            0xc000_00b7
        #else
            nil
        #endif
    }

    private static let refused: [UInt32] = [
        // Other processes.
        __NR_ptrace, __NR_process_vm_readv, __NR_process_vm_writev, __NR_kcmp, __NR_pidfd_getfd,
        // Keys, which no namespace separates.
        __NR_keyctl, __NR_add_key, __NR_request_key,
        // Mounts and namespaces.
        __NR_mount, __NR_umount2, __NR_pivot_root, __NR_chroot, __NR_setns, __NR_unshare,
        __NR_move_mount, __NR_open_tree, __NR_fsopen, __NR_fsconfig, __NR_fsmount, __NR_fspick,
        __NR_mount_setattr, __NR_open_by_handle_at, __NR_name_to_handle_at,
        // Wide and young parts of the kernel.
        __NR_bpf, __NR_userfaultfd, __NR_io_uring_setup, __NR_io_uring_enter,
        __NR_io_uring_register, __NR_perf_event_open, __NR_fanotify_init,
        // The machine itself.
        __NR_kexec_load, __NR_kexec_file_load, __NR_init_module, __NR_finit_module,
        __NR_delete_module, __NR_reboot, __NR_swapon, __NR_swapoff, __NR_acct, __NR_quotactl,
        __NR_settimeofday, __NR_clock_settime, __NR_adjtimex, __NR_clock_adjtime, __NR_syslog,
        __NR_vhangup, __NR_move_pages, __NR_migrate_pages,
    ].map { UInt32($0) }
}

/// Classic BPF, as far as a filter needs it.
private struct Assembly {
    enum Verdict {
        case allow, kill
        case error(UInt32)

        var value: UInt32 {
            switch self {
            case .allow: 0x7fff_0000
            case .kill: 0x8000_0000
            case .error(let number): 0x0005_0000 | number
            }
        }
    }

    /// The words of `struct seccomp_data`: the call's number stands at 0.
    private static let firstArgument: UInt32 = 16

    private(set) var bytes: [UInt8] = []

    private mutating func emit(_ code: UInt16, _ isTrue: UInt8, _ isFalse: UInt8, _ value: UInt32) {
        withUnsafeBytes(of: code) { bytes += $0 }
        bytes += [isTrue, isFalse]
        withUnsafeBytes(of: value) { bytes += $0 }
    }

    mutating func load(offset: UInt32) { emit(0x20, 0, 0, offset) }
    mutating func answer(_ verdict: Verdict) { emit(0x06, 0, 0, verdict.value) }

    mutating func when(equal value: UInt32, else verdict: Verdict) {
        emit(0x15, 1, 0, value)
        answer(verdict)
    }

    mutating func refuse(_ call: UInt32, _ verdict: Verdict) {
        emit(0x15, 0, 1, call)
        answer(verdict)
    }

    mutating func refuse(from least: UInt32) {
        emit(0x35, 0, 1, least)
        answer(.error(1))
    }

    /// Each of these three ends in an answer, so that the number need not be loaded again.
    mutating func refuse(_ call: UInt32, argument: UInt32, anyOf bits: UInt32) {
        emit(0x15, 0, 4, call)
        load(offset: Self.firstArgument + 8 * argument)
        emit(0x45, 0, 1, bits)
        answer(.error(1))
        answer(.allow)
    }

    mutating func refuse(_ call: UInt32, argument: UInt32, values: [UInt32]) {
        emit(0x15, 0, UInt8(values.count * 2 + 2), call)
        load(offset: Self.firstArgument + 8 * argument)
        for value in values { refuse(value, .error(1)) }
        answer(.allow)
    }

    mutating func allow(_ call: UInt32, argument: UInt32, only: [UInt32], else verdict: Verdict) {
        emit(0x15, 0, UInt8(only.count * 2 + 2), call)
        load(offset: Self.firstArgument + 8 * argument)
        for value in only { refuse(value, .allow) }
        answer(verdict)
    }
}
