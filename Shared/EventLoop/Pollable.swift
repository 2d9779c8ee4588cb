import CEpoll
import Glibc

/// Something the loop drives. Calls come from the loop's thread unless noted.
public protocol Pollable: AnyObject, Sendable {
    /// The descriptor it was added with is ready, or its peer is gone.
    func ready(_ readiness: Readiness)
    /// Sends what is waiting. From any thread.
    func flush()
    /// A deadline has passed; answers with the next one, `.max` for none.
    func expire(_ now: UInt64) -> UInt64
    /// The loop has been stopped: nothing more will come from it. Descriptors are still open.
    func loopEnded()
}

extension Pollable {
    public func flush() {}
    public func expire(_ now: UInt64) -> UInt64 { .max }
    public func loopEnded() {}
}

/// What a descriptor is ready for, or what one waits for.
public struct Readiness: OptionSet, Sendable {
    public let rawValue: UInt32
    public init(rawValue: UInt32) { self.rawValue = rawValue }

    /// There are bytes to read, or a connection to accept.
    public static let read = Readiness(rawValue: EPOLLIN.rawValue)
    /// There is room to write, or a connection has come about.
    public static let write = Readiness(rawValue: EPOLLOUT.rawValue)
    /// The peer has closed its sending side; worth asking for where one does not read.
    public static let peerClosed = Readiness(rawValue: EPOLLRDHUP.rawValue)
    /// Both sides are closed; told without asking.
    public static let hangup = Readiness(rawValue: EPOLLHUP.rawValue)
    /// The connection has failed; told without asking.
    public static let error = Readiness(rawValue: EPOLLERR.rawValue)
}

/// Nanoseconds of a clock that only goes forward.
public func monotonic() -> UInt64 {
    var time = timespec()
    clock_gettime(CLOCK_MONOTONIC, &time)
    return UInt64(time.tv_sec) &* 1_000_000_000 &+ UInt64(time.tv_nsec)
}

extension Duration {
    /// Nanoseconds, none below zero, capped at about 292 years.
    public var nanoseconds: UInt64 {
        // Below 18 seconds, where calls are, a division of 64 bits will do.
        if let short = UInt64(exactly: attoseconds) { return short / 1_000_000_000 }
        let (seconds, attoseconds) = components
        guard seconds >= 0 else { return 0 }
        guard seconds < 9_000_000_000 else { return UInt64(Int64.max) }
        return UInt64(seconds) &* 1_000_000_000 &+ UInt64(max(attoseconds, 0) / 1_000_000_000)
    }
}
