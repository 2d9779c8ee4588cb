import CCurl
import EventLoop

/// libcurl's multi handle, driven by the loop: it says which sockets and which moment to wait for.
///
/// libcurl is never entered from within one of its callbacks: those only store bytes and resume
/// continuations, and the loop runs resumed jobs later.
///
/// Unchecked: everything but the constants is touched by the loop's thread only.
final class Engine: Pollable, @unchecked Sendable {
    let limits: HTTPClient.Limits
    private let loop: EventLoop
    private var multi: UnsafeMutableRawPointer?
    private var active: [UnsafeMutableRawPointer: Transfer] = [:]
    private var queue: [Transfer] = []
    private var spare: [UnsafeMutableRawPointer] = []
    private var sockets: [Int32: SocketWatch] = [:]
    private var curlAt = UInt64.max
    private var sweepAt = UInt64.max

    init(loop: EventLoop, limits: HTTPClient.Limits) {
        self.loop = loop
        self.limits = limits
    }

    func open() {
        guard globalInit == CURLE_OK, let multi = curl_multi_init() else { return }
        self.multi = multi
        let me = Unmanaged.passUnretained(self).toOpaque()
        atelier_multi_on_socket(multi, socketChanged, me)
        atelier_multi_on_timer(multi, timerChanged, me)
        atelier_multi_long(multi, CURLMOPT_MAXCONNECTS, limits.idleConnections)
        loop.addTimed(self)
    }

    func close() {
        guard let multi else { return }
        for transfer in Array(active.values) { release(transfer, .failure(.cancelled)) }
        for transfer in queue { transfer.finish(.failure(.cancelled)) }
        queue = []
        for easy in spare { curl_easy_cleanup(easy) }
        spare = []
        curl_multi_cleanup(multi)
        self.multi = nil
        for descriptor in sockets.keys { loop.remove(descriptor, closing: false) }
        sockets = [:]
        loop.removeTimed(self)
    }

    // MARK: Transfers

    func start(_ transfer: Transfer) {
        guard !transfer.isFinished else { return }
        guard multi != nil else { return transfer.finish(.failure(.cancelled)) }
        transfer.deadline =
            transfer.request.deadline.map { monotonic() &+ $0.nanoseconds } ?? .max
        if active.count < limits.transfers {
            launch(transfer)
            act(CURL_SOCKET_TIMEOUT, 0)
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
        guard let easy = transfer.easy else { return }
        transfer.lastByte = monotonic()
        sweep(by: transfer.lastByte &+ transfer.request.idleTimeout.nanoseconds)
        curl_easy_pause(easy, CURLPAUSE_CONT)
        act(CURL_SOCKET_TIMEOUT, 0)
    }

    private func launch(_ transfer: Transfer) {
        guard let multi, let easy = spare.popLast() ?? curl_easy_init() else {
            return transfer.finish(.failure(.other("libcurl has no memory")))
        }
        do throws(HTTPClientError) {
            try Options(easy).set(transfer, limits: limits)
        } catch {
            recycle(easy)
            return transfer.finish(.failure(error))
        }
        transfer.easy = easy
        transfer.lastByte = monotonic()
        active[easy] = transfer
        guard curl_multi_add_handle(multi, easy) == CURLM_OK else {
            return release(transfer, .failure(.other("libcurl refused the transfer")))
        }
        sweep(by: transfer.lastByte &+ transfer.request.idleTimeout.nanoseconds)
        sweep(by: transfer.deadline)
    }

    /// libcurl asks for its timer at once for each one that is added: the loop comes back to them.
    private func launchQueued() {
        while active.count < limits.transfers, !queue.isEmpty {
            let transfer = queue.removeFirst()
            if !transfer.isFinished { launch(transfer) }
        }
    }

    private func release(_ transfer: Transfer, _ outcome: Result<Void, HTTPClientError>) {
        if let easy = transfer.easy, let multi {
            transfer.easy = nil
            active[easy] = nil
            curl_multi_remove_handle(multi, easy)
            recycle(easy)
        }
        transfer.finish(outcome)
    }

    private func recycle(_ easy: UnsafeMutableRawPointer) {
        Options(easy).clear()
        guard spare.count < limits.idleConnections else { return curl_easy_cleanup(easy) }
        spare.append(easy)
    }

    // MARK: The loop's events

    func ready(_ descriptor: Int32, _ readiness: Readiness) {
        var bits: Int32 = 0
        if readiness.contains(.read) { bits |= CURL_CSELECT_IN }
        if readiness.contains(.write) { bits |= CURL_CSELECT_OUT }
        // A hang-up is read like data: libcurl takes what is left, and then finds the end.
        if readiness.contains(.hangup) { bits |= CURL_CSELECT_IN }
        if readiness.contains(.error) { bits |= CURL_CSELECT_ERR }
        act(descriptor, bits)
    }

    func ready(_ readiness: Readiness) {}

    func expire(_ now: UInt64) -> UInt64 {
        if curlAt <= now {
            curlAt = .max
            act(CURL_SOCKET_TIMEOUT, 0)
        }
        if sweepAt <= now { sweep(now) }
        return min(curlAt, sweepAt)
    }

    private func act(_ descriptor: Int32, _ bits: Int32) {
        guard let multi else { return }
        var running: Int32 = 0
        curl_multi_socket_action(multi, descriptor, bits, &running)
        harvest(multi)
    }

    /// Collects finished transfers. A message is gone once its handle is removed.
    private func harvest(_ multi: UnsafeMutableRawPointer) {
        var left: Int32 = 0
        while let message = curl_multi_info_read(multi, &left) {
            guard message.pointee.msg == CURLMSG_DONE, let easy = message.pointee.easy_handle,
                let transfer = active[easy]
            else { continue }
            let code = message.pointee.data.result
            release(transfer, outcome(code, of: transfer))
        }
        launchQueued()
    }

    private func outcome(
        _ code: CURLcode, of transfer: Transfer
    ) -> Result<Void, HTTPClientError> {
        if let refusal = transfer.refusal { return .failure(refusal) }
        return code == CURLE_OK ? .success(()) : .failure(HTTPClientError(code))
    }

    // MARK: Our own deadlines

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
    /// libcurl's own limit; and one that sends its body is not silent.
    private func quietUntil(_ transfer: Transfer, _ now: UInt64) -> UInt64 {
        guard let easy = transfer.easy, !transfer.isPaused else { return .max }
        let sent = atelier_easy_figure(easy, CURLINFO_SIZE_UPLOAD_T)
        if sent != transfer.uploaded
            || atelier_easy_figure(easy, CURLINFO_PRETRANSFER_TIME_T) == 0
        {
            transfer.uploaded = sent
            transfer.lastByte = now
        }
        return transfer.lastByte &+ transfer.request.idleTimeout.nanoseconds
    }

    // MARK: libcurl's wishes

    fileprivate func watch(_ descriptor: Int32, _ what: Int32) {
        if what == CURL_POLL_REMOVE {
            guard sockets.removeValue(forKey: descriptor) != nil else { return }
            return loop.remove(descriptor, closing: false)
        }
        var interest: Readiness = []
        if what & CURL_POLL_IN != 0 { interest.insert(.read) }
        if what & CURL_POLL_OUT != 0 { interest.insert(.write) }
        if sockets[descriptor] != nil { return loop.watch(descriptor, for: interest) }
        let socket = SocketWatch(descriptor, engine: self)
        sockets[descriptor] = socket
        loop.add(descriptor, socket, for: interest)
    }

    fileprivate func wait(milliseconds: Int) {
        curlAt = milliseconds < 0 ? .max : monotonic() &+ UInt64(milliseconds) &* 1_000_000
        loop.wake(by: curlAt)
    }
}

/// One of libcurl's sockets in the loop, which tells its members no descriptor.
///
/// Unchecked: only constants, and a reference that the loop's thread follows.
private final class SocketWatch: Pollable, @unchecked Sendable {
    private let descriptor: Int32
    private weak var engine: Engine?

    init(_ descriptor: Int32, engine: Engine) {
        self.descriptor = descriptor
        self.engine = engine
    }

    func ready(_ readiness: Readiness) { engine?.ready(descriptor, readiness) }
}

/// Once for the process; libcurl makes it safe from any thread.
private let globalInit: CURLcode = curl_global_init(Int(CURL_GLOBAL_ALL))

// File-level, so that they are not inferred to belong to an actor.

private func socketChanged(
    _ easy: UnsafeMutableRawPointer?, _ descriptor: curl_socket_t, _ what: Int32,
    _ context: UnsafeMutableRawPointer?, _ socket: UnsafeMutableRawPointer?
) -> Int32 {
    guard let context else { return -1 }
    Unmanaged<Engine>.fromOpaque(context).takeUnretainedValue().watch(descriptor, what)
    return 0
}

private func timerChanged(
    _ multi: UnsafeMutableRawPointer?, _ milliseconds: Int, _ context: UnsafeMutableRawPointer?
) -> Int32 {
    guard let context else { return -1 }
    Unmanaged<Engine>.fromOpaque(context).takeUnretainedValue().wait(milliseconds: milliseconds)
    return 0
}
