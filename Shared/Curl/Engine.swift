import EventLoop

/// Every transfer of a client: how many run, how many wait, and until when.
///
/// How one is carried is for `Libcurl`, or for `PlainConnections` where that is enough.
///
/// Unchecked: everything but the constants is touched by the loop's thread only.
final class Engine: Pollable, @unchecked Sendable {
    let limits: HTTPClient.Limits
    private let loop: EventLoop
    private let libcurl: Libcurl
    private let plain: PlainConnections
    private var isOpen = false
    private var active: [ObjectIdentifier: Transfer] = [:]
    private var queue: [Transfer] = []
    private var isLaunching = false
    private var sweepAt = UInt64.max

    init(loop: EventLoop, limits: HTTPClient.Limits) {
        self.loop = loop
        self.limits = limits
        libcurl = Libcurl(loop: loop, limits: limits)
        plain = PlainConnections(loop: loop, limits: limits)
    }

    func open() {
        isOpen = libcurl.open { [unowned self] in ended($0, $1) }
        plain.open { [unowned self] in ended($0, $1) }
        loop.addTimed(self)
    }

    func close() {
        guard isOpen else { return }
        isOpen = false
        for transfer in Array(active.values) { release(transfer, .failure(.cancelled)) }
        for transfer in queue { transfer.finish(.failure(.cancelled)) }
        queue = []
        libcurl.close()
        plain.close()
        loop.removeTimed(self)
    }

    // MARK: Transfers

    func start(_ transfer: Transfer) {
        guard !transfer.isFinished else { return }
        guard isOpen else { return transfer.finish(.failure(.cancelled)) }
        transfer.deadline =
            transfer.request.deadline.map { monotonic() &+ $0.nanoseconds } ?? .max
        if active.count < limits.transfers {
            launch(transfer)
        } else if queue.count < limits.queue {
            queue.append(transfer)
            sweep(by: transfer.deadline)
        } else {
            transfer.finish(.failure(.overloaded))
        }
    }

    /// Ends a transfer that its reader has given up.
    func drop(_ transfer: Transfer) {
        release(transfer, .failure(.cancelled))
        queue.removeAll { $0 === transfer }
        launchQueued()
    }

    /// Lets a transfer go on that was held back.
    func resume(_ transfer: Transfer) {
        guard let carrier = transfer.carrier else { return }
        transfer.lastByte = monotonic()
        transfer.isPaused = false
        sweep(by: transfer.lastByte &+ transfer.request.idleTimeout.nanoseconds)
        carrier.resume(transfer)
    }

    private func launch(_ transfer: Transfer) {
        let target = limits.carriesPlain ? PlainTarget(of: transfer.request) : nil
        transfer.lastByte = monotonic()
        sweep(by: transfer.lastByte &+ transfer.request.idleTimeout.nanoseconds)
        sweep(by: transfer.deadline)
        active[ObjectIdentifier(transfer)] = transfer
        do throws(HTTPClientError) {
            if let target {
                transfer.carrier = plain
                try plain.launch(transfer, to: target)
            } else {
                transfer.carrier = libcurl
                try libcurl.launch(transfer)
            }
        } catch {
            release(transfer, .failure(error))
        }
    }

    /// One that fails at once calls this again, from within.
    private func launchQueued() {
        guard !isLaunching else { return }
        isLaunching = true
        defer { isLaunching = false }
        while active.count < limits.transfers, !queue.isEmpty {
            let transfer = queue.removeFirst()
            if !transfer.isFinished { launch(transfer) }
        }
    }

    /// A carrier has let go of a transfer by itself.
    private func ended(_ transfer: Transfer, _ outcome: Result<Void, HTTPClientError>) {
        transfer.carrier = nil
        active[ObjectIdentifier(transfer)] = nil
        transfer.finish(outcome)
        launchQueued()
    }

    private func release(_ transfer: Transfer, _ outcome: Result<Void, HTTPClientError>) {
        transfer.carrier?.drop(transfer)
        transfer.carrier = nil
        active[ObjectIdentifier(transfer)] = nil
        transfer.finish(outcome)
    }

    // MARK: Deadlines

    func ready(_ readiness: Readiness) {}

    func expire(_ now: UInt64) -> UInt64 {
        if sweepAt <= now { sweep(now) }
        return sweepAt
    }

    private func sweep(by moment: UInt64) {
        sweepAt = min(sweepAt, moment)
        loop.wake(by: sweepAt)
    }

    /// Ends what is out of time, and finds the next moment to look again.
    private func sweep(_ now: UInt64) {
        sweepAt = .max
        for transfer in queue where transfer.deadline <= now {
            transfer.finish(.failure(.timedOut))
        }
        queue.removeAll { $0.isFinished }
        for transfer in queue { sweep(by: transfer.deadline) }
        for transfer in Array(active.values) {
            guard transfer.deadline > now else {
                release(transfer, .failure(.timedOut))
                continue
            }
            let quiet = quietUntil(transfer, now)
            guard quiet > now else {
                release(transfer, .failure(.idle))
                continue
            }
            sweep(by: min(transfer.deadline, quiet))
        }
        launchQueued()
    }

    /// When the transfer counts as silent. A held-back one never does; one that still connects has
    /// a limit of its own; and one that sends its body is not silent.
    private func quietUntil(_ transfer: Transfer, _ now: UInt64) -> UInt64 {
        guard let carrier = transfer.carrier, !transfer.isPaused else { return .max }
        if carrier.isSending(transfer) { transfer.lastByte = now }
        return transfer.lastByte &+ transfer.request.idleTimeout.nanoseconds
    }
}

/// A way for transfers to reach their servers. On the loop's thread.
protocol Carrier: AnyObject {
    /// Gives up a transfer without a word.
    func drop(_ transfer: Transfer)
    /// Lets one go on that was held back.
    func resume(_ transfer: Transfer)
    /// True when it connects, or has sent more since it was last asked.
    func isSending(_ transfer: Transfer) -> Bool
}
