/// The order in which requests are given to libnng.
extension NngCaller {
    /// A line whose front moves: taking from it costs nothing.
    struct Backlog {
        private var items: [Outgoing] = []
        private var head = 0

        var count: Int { items.count - head }

        mutating func append(_ item: Outgoing) { items.append(item) }

        mutating func popFirst() -> Outgoing? {
            guard head < items.count else { return nil }
            defer {
                head += 1
                if head == items.count { removeAll() }
            }
            return items[head]
        }

        mutating func removeAll(where isGone: (Outgoing) -> Bool) {
            items.removeFirst(head)
            head = 0
            items.removeAll(where: isGone)
        }

        private mutating func removeAll() {
            items.removeAll(keepingCapacity: items.capacity < 4_096)
            head = 0
        }
    }
}

extension NngCaller.State {
    mutating func append(_ item: NngCaller.Outgoing) {
        queue.append(item)
        // Without a connection nothing leaves the line, and given-up calls must not fill it.
        guard queue.count > 1_024, queue.count > calls.count * 2 else { return }
        let calls = calls
        queue.removeAll { !$0.isWithdrawal && calls[$0.number] == nil }
    }

    /// What libnng gets next; nil ends the pumping.
    mutating func next() -> (CallerSocket, UInt32, [UInt8])? {
        if !isBlocked, let socket, let (number, body) = question {
            question = nil
            return (socket, number, body)
        }
        while isUp, !isBlocked, let socket, let item = queue.popFirst() {
            if item.isWithdrawal { return (socket, item.number, []) }
            guard let body = calls[item.number]?.unsent else { continue }
            unsentBytes -= body.count
            given += UInt64(body.count)
            calls[item.number]?.unsent = nil
            calls[item.number]?.mark = given
            return (socket, item.number, body)
        }
        isPumping = false
        return nil
    }

    /// Nothing more is given until libnng has room. False when that connection has gone meanwhile.
    mutating func block(_ socket: CallerSocket) -> Bool {
        guard self.socket === socket else { return false }
        isBlocked = true
        return true
    }

    /// The call that a reply belongs to. What was given before it has left, for a connection sends
    /// in order.
    mutating func answered(_ number: UInt32) -> NngCaller.Waiting? {
        guard let call = take(number) else { return nil }
        sent = max(sent, call.mark)
        return call
    }
}
