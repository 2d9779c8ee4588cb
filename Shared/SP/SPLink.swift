import EventLoop
import Glibc
import Synchronization

/// One peer's connection to a listener.
///
/// Unchecked: `state` is a mutex; `inbox` is touched by the loop's thread only.
final class SPLink: Pollable, @unchecked Sendable {
    private struct State {
        var out = SendBuffer()
        var descriptor: Int32
        var isBlocked = false
        var isPaused = false
        var isStopped = false
        var nextCall = 0
        var calls: [Int: Task<Void, Never>?] = [:]
    }

    private let state: Mutex<State>
    private let listener: SPListener
    private let descriptor: Int32
    private var inbox: ReceiveBuffer

    init(_ descriptor: Int32, _ listener: SPListener) {
        var initial = State(descriptor: descriptor)
        initial.out.append(raw: SPFrames.greeting(SPFrames.reply))
        state = Mutex(initial)
        (self.descriptor, self.listener) = (descriptor, listener)
        inbox = ReceiveBuffer(
            prefix: listener.address.prefix, expected: SPFrames.request,
            limit: listener.limits.message)
    }

    func flush() {
        let lost = state.withLock { state -> Bool in
            guard state.descriptor >= 0, !state.isBlocked, state.out.count > 0 else { return false }
            guard state.out.write(to: state.descriptor) else { return true }
            state.isBlocked = state.out.count > 0
            if state.isBlocked { watch(state) }
            pace(&state)
            return false
        }
        if lost { listener.loop.perform { self.drop() } }
    }

    func ready(_ readiness: Readiness) {
        if readiness.contains(.write) {
            state.withLock { state in
                state.isBlocked = false
                watch(state)
            }
            flush()
        }
        guard readiness != .write, state.withLock({ $0.descriptor }) == descriptor else { return }
        if !inbox.read(from: descriptor, request) { drop() }
    }

    func stopReading() {
        state.withLock { state in
            state.isStopped = true
            watch(state)
        }
    }

    /// Ends the connection; nobody waits for the calls in hand any more.
    func drop() {
        let calls = state.withLock { state -> [Task<Void, Never>?] in
            guard state.descriptor >= 0 else { return [] }
            state.descriptor = -1
            state.out.removeAll()
            listener.forget(descriptor)
            listener.loop.remove(descriptor)
            defer { state.calls = [:] }
            return Array(state.calls.values)
        }
        for call in calls { call?.cancel() }
    }

    private func request(_ message: UnsafeRawBufferPointer) -> Bool {
        var size = 0
        repeat {
            size += 4
            guard size <= message.count, size <= 64 else { return false }
        } while message[size - 4] & 0x80 == 0
        let header = [UInt8](message[..<size])
        let body = [UInt8](message[size...])
        let call = state.withLock { state in
            state.nextCall += 1
            state.calls[state.nextCall] = .some(nil)
            pace(&state)
            return state.nextCall
        }
        // The listener owns this task: it is answered at the drain, or cancelled with the link.
        let task = Task.immediate(executorPreference: listener.loop) { [listener] in
            self.reply(call, header, await listener.handler(body))
        }
        state.withLock { state in
            if state.calls[call] != nil { state.calls[call] = task }
        }
        return true
    }

    private func reply(_ call: Int, _ header: [UInt8], _ body: [UInt8]) {
        let isLive = state.withLock { state -> Bool in
            state.calls[call] = nil
            guard state.descriptor >= 0 else { return false }
            state.out.append(header: header, body: body, prefix: listener.address.prefix)
            pace(&state)
            return true
        }
        if isLive { listener.loop.changed(self) }
    }

    /// Stops reading from a peer that has too much in hand, or does not read its replies.
    private func pace(_ state: inout State) {
        let limits = listener.limits
        let isFull = state.calls.count > limits.calls || state.out.count > limits.room
        let isEasy = state.calls.count <= limits.calls / 2 && state.out.count <= limits.room / 2
        guard state.descriptor >= 0, state.isPaused ? isEasy : isFull else { return }
        state.isPaused.toggle()
        watch(state)
    }

    private func watch(_ state: borrowing State) {
        guard state.descriptor >= 0 else { return }
        var interest: Readiness = state.isPaused || state.isStopped ? [] : .read
        if state.isBlocked { interest.insert(.write) }
        listener.loop.watch(descriptor, for: interest)
    }
}
