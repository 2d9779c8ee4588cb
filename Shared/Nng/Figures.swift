import CNng

/// libnng's own figures (nng_stats_get(3)), which tell what its callbacks do not. Empty where it was
/// built without them.
enum Figures {
    struct Listener {
        /// Errors in taking connections.
        var errors: UInt64
        /// Connections that stand.
        var connections: UInt64
    }

    struct Connection {
        /// Messages written to it. (A send ends when its message has been taken over.)
        var sent: UInt64
        /// Messages read from it.
        var received: UInt64
    }

    static func connections() -> [UInt32: Connection] {
        var all: [UInt32: Connection] = [:]
        forEach("pipe") { figures in
            guard let id = figures["id"], let sent = figures["tx_msgs"],
                let received = figures["rx_msgs"]
            else { return }
            all[UInt32(truncatingIfNeeded: id)] = Connection(sent: sent, received: received)
        }
        return all
    }

    static func listeners() -> [UInt32: Listener] {
        var all: [UInt32: Listener] = [:]
        forEach("listener") { figures in
            guard let id = figures["id"], let errors = figures["other"],
                let connections = figures["pipes"]
            else { return }
            all[UInt32(truncatingIfNeeded: id)] = Listener(
                errors: errors, connections: connections)
        }
        return all
    }

    private static func forEach(_ scope: String, _ body: ([String: UInt64]) -> Void) {
        var snapshot: OpaquePointer?
        guard nng_stats_get(&snapshot) == 0, let snapshot else { return }
        defer { nng_stats_free(snapshot) }
        var next = nng_stat_child(snapshot)
        while let current = next {
            next = nng_stat_next(current)
            guard name(current) == scope else { continue }
            var figures: [String: UInt64] = [:]
            var item = nng_stat_child(current)
            while let figure = item {
                figures[name(figure)] = nng_stat_value(figure)
                item = nng_stat_next(figure)
            }
            body(figures)
        }
    }

    private static func name(_ item: OpaquePointer) -> String {
        nng_stat_name(item).map { String(cString: $0) } ?? ""
    }
}
