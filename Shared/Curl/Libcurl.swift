import CCurl
import EventLoop

/// libcurl's multi handle, driven by the loop: it says which sockets and which moment to wait for.
///
/// libcurl is never entered from within one of its callbacks: those only store bytes and resume
/// continuations, and the loop runs resumed jobs later.
///
/// Unchecked: everything but the constants is touched by the loop's thread only.
final class Libcurl: Carrier, Pollable, @unchecked Sendable {
    private let limits: HTTPClient.Limits
    private let loop: EventLoop
    private var multi: UnsafeMutableRawPointer?
    private var active: [UnsafeMutableRawPointer: Transfer] = [:]
    private var spare: [UnsafeMutableRawPointer] = []
    private var sockets: [Int32: SocketWatch] = [:]
    private var wakeAt = UInt64.max
    private var isActing = false
    private var tell: (Transfer, Result<Void, HTTPClientError>) -> Void = { _, _ in }

    init(loop: EventLoop, limits: HTTPClient.Limits) {
        self.loop = loop
        self.limits = limits
    }

    /// `tell` hears of transfers that have ended by themselves. False when libcurl has no memory.
    func open(
        _ tell: @escaping (Transfer, Result<Void, HTTPClientError>) -> Void
    ) -> Bool {
        guard globalInit == CURLE_OK, let multi = curl_multi_init() else { return false }
        self.multi = multi
        self.tell = tell
        let me = Unmanaged.passUnretained(self).toOpaque()
        atelier_multi_on_socket(multi, socketChanged, me)
        atelier_multi_on_timer(multi, timerChanged, me)
        atelier_multi_long(multi, CURLMOPT_MAXCONNECTS, limits.idleConnections)
        loop.addTimed(self)
        return true
    }

    func close() {
        guard let multi else { return }
        for transfer in Array(active.values) { drop(transfer) }
        for easy in spare { curl_easy_cleanup(easy) }
        spare = []
        curl_multi_cleanup(multi)
        self.multi = nil
        for descriptor in sockets.keys { loop.remove(descriptor, closing: false) }
        sockets = [:]
        loop.removeTimed(self)
    }

    // MARK: Transfers

    func launch(_ transfer: Transfer) throws(HTTPClientError) {
        guard let multi, let easy = spare.popLast() ?? curl_easy_init() else {
            throw .other("libcurl has no memory")
        }
        do throws(HTTPClientError) {
            try Options(easy).set(transfer, limits: limits)
        } catch {
            recycle(easy)
            throw error
        }
        transfer.easy = easy
        active[easy] = transfer
        guard curl_multi_add_handle(multi, easy) == CURLM_OK else {
            throw .other("libcurl refused the transfer")
        }
        // libcurl asks for its timer at once for each one that is added: from within its own
        // callbacks the loop comes back to it.
        if !isActing { act(CURL_SOCKET_TIMEOUT, 0) }
    }

    func resume(_ transfer: Transfer) {
        guard let easy = transfer.easy else { return }
        curl_easy_pause(easy, CURLPAUSE_CONT)
        act(CURL_SOCKET_TIMEOUT, 0)
    }

    func drop(_ transfer: Transfer) {
        guard let easy = transfer.easy, let multi else { return }
        transfer.easy = nil
        active[easy] = nil
        curl_multi_remove_handle(multi, easy)
        recycle(easy)
    }

    func isSending(_ transfer: Transfer) -> Bool {
        guard let easy = transfer.easy else { return false }
        let sent = atelier_easy_figure(easy, CURLINFO_SIZE_UPLOAD_T)
        defer { transfer.uploaded = sent }
        return sent != transfer.uploaded
            || atelier_easy_figure(easy, CURLINFO_PRETRANSFER_TIME_T) == 0
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
        if wakeAt <= now {
            wakeAt = .max
            act(CURL_SOCKET_TIMEOUT, 0)
        }
        return wakeAt
    }

    private func act(_ descriptor: Int32, _ bits: Int32) {
        guard let multi else { return }
        isActing = true
        defer { isActing = false }
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
            // Set once a request has gone out, and kept when libcurl repeats it elsewhere.
            transfer.wasSent = atelier_easy_figure(easy, CURLINFO_PRETRANSFER_TIME_T) > 0
            drop(transfer)
            tell(transfer, outcome(code, of: transfer))
        }
    }

    private func outcome(
        _ code: CURLcode, of transfer: Transfer
    ) -> Result<Void, HTTPClientError> {
        if let refusal = transfer.refusal { return .failure(refusal) }
        guard code != CURLE_OK else { return .success(()) }
        return .failure(HTTPClientError(code).after(sending: transfer.wasSent))
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
        wakeAt = milliseconds < 0 ? .max : monotonic() &+ UInt64(milliseconds) &* 1_000_000
        loop.wake(by: wakeAt)
    }
}

/// One of libcurl's sockets in the loop, which tells its members no descriptor.
///
/// Unchecked: only constants, and a reference that the loop's thread follows.
private final class SocketWatch: Pollable, @unchecked Sendable {
    private let descriptor: Int32
    private weak var engine: Libcurl?

    init(_ descriptor: Int32, engine: Libcurl) {
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
    Unmanaged<Libcurl>.fromOpaque(context).takeUnretainedValue().watch(descriptor, what)
    return 0
}

private func timerChanged(
    _ multi: UnsafeMutableRawPointer?, _ milliseconds: Int, _ context: UnsafeMutableRawPointer?
) -> Int32 {
    guard let context else { return -1 }
    Unmanaged<Libcurl>.fromOpaque(context).takeUnretainedValue().wait(milliseconds: milliseconds)
    return 0
}
