import CEpoll

/// What malloc does with memory that a large message used.
///
/// By default it goes back to the kernel at once and comes again page by page: a message of a
/// megabyte then costs more in page faults than in all its copies (mallopt(3)).
enum Memory {
    /// So much may stay unused at the end of a thread's heap.
    private static let kept: Int32 = 16 << 20
    /// What is larger is mapped for itself, and unmapped.
    private static let largest: Int32 = 8 << 20

    /// Once in a process.
    static let isKept =
        mallopt(M_TRIM_THRESHOLD, kept) == 1 && mallopt(M_MMAP_THRESHOLD, largest) == 1
}
