import EventLoop

/// Connections of our own, without encryption: those that carry a transfer, and those that are kept
/// for the next one.
///
/// Unchecked: touched by the loop's thread only.
final class PlainConnections: Carrier, Pollable, @unchecked Sendable {
    /// One read: more than that of a stream is read only while its reader keeps up.
    private static let pieceSize = 16 << 10
    /// A kept connection may have been forgotten on the way after that time, in nanoseconds; it is
    /// libcurl's.
    private static let idleTime: UInt64 = 118_000_000_000

    let loop: EventLoop
    let names: NameLookup
    /// What all connections read into, one after the other.
    let piece = UnsafeMutableRawBufferPointer.allocate(byteCount: pieceSize, alignment: 16)
    private let limits: HTTPClient.Limits
    /// By authority, the one used last at the end.
    private var kept: [String: [PlainConnection]] = [:]
    private var keptCount = 0
    private var connecting: [ObjectIdentifier: PlainConnection] = [:]
    private var lookAt = UInt64.max
    private var tell: (Transfer, Result<Void, HTTPClientError>) -> Void = { _, _ in }

    init(
        loop: EventLoop, limits: HTTPClient.Limits,
        resolve: @escaping NameLookup.Resolve = NameLookup.system
    ) {
        self.loop = loop
        self.limits = limits
        names = NameLookup(loop: loop, resolve: resolve)
    }

    deinit { piece.deallocate() }

    /// `tell` hears of transfers that have ended by themselves.
    func open(_ tell: @escaping (Transfer, Result<Void, HTTPClientError>) -> Void) {
        self.tell = tell
        loop.addTimed(self)
    }

    func close() {
        for connection in kept.values.joined() { connection.close() }
        for connection in connecting.values { connection.close() }
        (kept, keptCount, connecting) = ([:], 0, [:])
        loop.removeTimed(self)
    }

    // MARK: Transfers

    func launch(
        _ transfer: Transfer, to target: PlainTarget
    ) throws(HTTPClientError) {
        try transfer.request.check()
        if let connection = takeKept(target.authority) {
            connection.carry(transfer, to: target)
        } else {
            connect(transfer, to: target)
        }
    }

    func drop(_ transfer: Transfer) {
        guard let connection = transfer.connection else { return }
        transfer.connection = nil
        connecting[ObjectIdentifier(connection)] = nil
        connection.close()
    }

    func resume(_ transfer: Transfer) { transfer.connection?.resume() }

    func isSending(_ transfer: Transfer) -> Bool { transfer.connection?.isConnecting ?? false }

    private func connect(_ transfer: Transfer, to target: PlainTarget) {
        let connection = PlainConnection(self)
        connecting[ObjectIdentifier(connection)] = connection
        connection.open(transfer, to: target)
    }

    // MARK: What the connections tell

    func connected(_ connection: PlainConnection) {
        connecting[ObjectIdentifier(connection)] = nil
    }

    /// Nothing came back on a connection that had been kept: the server had closed it meanwhile, as
    /// it may at any time (RFC 9112, 9.3.1).
    func again(_ transfer: Transfer, to target: PlainTarget) { connect(transfer, to: target) }

    func ended(_ transfer: Transfer, _ outcome: Result<Void, HTTPClientError>) {
        tell(transfer, outcome)
    }

    func failed(_ connection: PlainConnection, _ transfer: Transfer, _ error: HTTPClientError) {
        connecting[ObjectIdentifier(connection)] = nil
        tell(transfer, .failure(error.after(sending: transfer.wasSent)))
    }

    // MARK: Kept ones

    /// False when there are enough.
    func keep(_ connection: PlainConnection) -> Bool {
        guard keptCount < limits.idleConnections else { return false }
        keptCount += 1
        connection.keptSince = monotonic()
        kept[connection.authority, default: []].append(connection)
        look(by: connection.keptSince &+ Self.idleTime)
        return true
    }

    /// The server has closed it, or said something that nobody asked for.
    func lost(_ connection: PlainConnection) {
        guard let index = kept[connection.authority]?.firstIndex(where: { $0 === connection })
        else { return }
        kept[connection.authority]?.remove(at: index)
        keptCount -= 1
        if kept[connection.authority]?.isEmpty == true { kept[connection.authority] = nil }
    }

    private func takeKept(_ authority: String) -> PlainConnection? {
        while let connection = kept[authority]?.popLast() {
            keptCount -= 1
            if connection.isQuiet { return connection }
            connection.close()
        }
        return nil
    }

    // MARK: Deadlines

    func ready(_ readiness: Readiness) {}

    func expire(_ now: UInt64) -> UInt64 {
        guard lookAt <= now else { return lookAt }
        lookAt = .max
        for connection in Array(connecting.values) {
            if connection.waitsUntil <= now {
                connection.giveUp()
            } else {
                lookAt = min(lookAt, connection.waitsUntil)
            }
        }
        for (authority, list) in kept {
            let fresh = list.filter { $0.keptSince &+ Self.idleTime > now }
            for connection in list where connection.keptSince &+ Self.idleTime <= now {
                connection.close()
            }
            keptCount -= list.count - fresh.count
            kept[authority] = fresh.isEmpty ? nil : fresh
            if let oldest = fresh.first { lookAt = min(lookAt, oldest.keptSince &+ Self.idleTime) }
        }
        return lookAt
    }

    func look(by moment: UInt64) {
        guard moment < lookAt else { return }
        lookAt = moment
        loop.wake(by: moment)
    }
}
