import CNng
import Glibc

/// libnng's own threads, which begin at its first use and live as long as the process.
///
/// A message goes through several of them, and each time one wakes another. Those that wake run at
/// once where a processor is free, but do not push aside who works (sched(7), SCHED_BATCH), so that
/// more messages go through at each turn: a call costs a third less of the processor. New threads
/// inherit that from the one that makes them.
enum LibraryThreads {
    /// `SCHED_BATCH`, which Glibc hides from Swift.
    private static let batch: Int32 = 3

    /// Once in a process, before its first socket.
    static let haveBegun: Bool = {
        var thread = pthread_t()
        guard pthread_create(&thread, nil, begin, nil) == 0 else { return false }
        pthread_join(thread, nil)
        return true
    }()

    /// Where the system refuses, they are as they would have been.
    fileprivate static func beginHere() {
        var none = sched_param()
        sched_setscheduler(0, batch, &none)
        var operation: OpaquePointer?
        if nng_aio_alloc(&operation, nil, nil) == 0 { nng_aio_free(operation) }
    }
}

/// File-level, so that it is not inferred to belong to an actor.
private func begin(_: UnsafeMutableRawPointer?) -> UnsafeMutableRawPointer? {
    LibraryThreads.beginHere()
    return nil
}
