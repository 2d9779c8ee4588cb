import CEpoll
import Glibc
import Synchronization

/// What malloc does with memory that large messages and many threads used (mallopt(3)).
public enum Memory {
    /// So much may stay unused at the end of a heap. By default what a message of a megabyte used
    /// goes back to the kernel at once and comes again page by page, which costs more than copying.
    private static let kept: Int32 = 4 << 20
    /// What is larger is mapped for itself, and unmapped.
    private static let largest: Int32 = 4 << 20
    /// Heaps in a process. Each thread would make its own, and keep what it once needed.
    private static let heaps: Int32 = 2

    private static let isDue = Atomic(false)

    /// Returns what is unused to the kernel, wherever in a heap it lies (malloc_trim(3)): for after
    /// hundreds of megabytes. A second later, for more may go meanwhile.
    public static func giveBack(on loop: EventLoop) {
        guard !isDue.exchange(true, ordering: .relaxed) else { return }
        Task(executorPreference: loop) {
            try? await Task.sleep(for: .seconds(1))  // nobody cancels it
            isDue.store(false, ordering: .relaxed)
            malloc_trim(0)
        }
    }

    /// Once in a process.
    static let isKept =
        mallopt(M_TRIM_THRESHOLD, kept) == 1 && mallopt(M_MMAP_THRESHOLD, largest) == 1
        && mallopt(M_ARENA_MAX, heaps) == 1
}
