import EventLoop

extension Connection {
    /// Hands a request to the handler.
    func begin(_ parsed: ParsedRequest) throws(Refusal) {
        let body = try BodyDecoder(parsed.framing.body, limits: limits)
        let exchange = Exchange(
            self, framing: parsed.framing, body: body, isHead: parsed.method == "HEAD")
        self.exchange = exchange
        setPhase(.handling)
        setAnswerDeadline(limits.answerTimeout)
        let request = HTTPRequest(
            method: parsed.method, target: parsed.raw, path: parsed.target.path,
            query: parsed.target.query, headers: parsed.headers, remote: remote,
            isSecure: stream.isSecure)
        let core = listener.core
        run(exchange) {
            await core.handler(request, BodyStream(exchange), ResponseWriter(exchange))
        }
    }

    /// Starts a task for an answer.
    func run(_ exchange: Exchange, _ body: @escaping @Sendable () async -> Void) {
        listener.handlerStarted()
        let loop = listener.loop
        exchange.tasks += 1
        let number = exchange.tasks
        exchange.task = Task(executorPreference: loop) { [self] in
            await body()
            loop.perform {
                // A handler may have started the next one before it returned.
                if exchange.tasks == number { exchange.task = nil }
                self.handlerReturned(exchange)
            }
        }
    }

    private func handlerReturned(_ exchange: Exchange) {
        defer { listener.handlerEnded() }
        guard self.exchange === exchange else { return }
        switch exchange.settle() {
        case .cut: close()
        case .reset: reset()
        case .whole: completed(exchange)
        case .upgraded: webSocket?.close(.normal, "")
        case .detached: break
        }
    }

    /// Ends an answer that will not be whole.
    func abort() {
        guard let exchange, exchange.answer != .none, exchange.answer != .done else { return }
        if exchange.answer == .untilClose { reset() } else { close() }
    }

    private func completed(_ exchange: Exchange) {
        let keepAlive = exchange.canKeepAlive && !listener.draining
        let body = exchange.body
        self.exchange = nil
        setBodyDeadline(.max)
        setAnswerDeadline(nil)
        exchange.end()
        guard keepAlive else { return closeGently() }
        guard body.isComplete else {
            skipped = body
            skipBudget = limits.maxSkippedBody
            setPhase(.skipping, within: limits.lingerTimeout)
            return advance()
        }
        setPhase(.head, within: limits.idleTimeout)
        advance()
    }

    /// Throws the rest of a body away; true when the next head may be read.
    func skip() -> Bool {
        guard var body = skipped, !input.isEmpty else { return false }
        var dropped: [UInt8] = []
        let room = skipBudget
        do throws(Refusal) {
            try input.take { bytes throws(Refusal) in
                (try body.decode(bytes, into: &dropped, room: room), ())
            }
        } catch {
            closeGently()
            return false
        }
        skipBudget -= dropped.count
        skipped = body
        if body.isComplete {
            skipped = nil
            setPhase(.head, within: limits.idleTimeout)
            return true
        }
        if skipBudget <= 0 { closeGently() }
        return false
    }

    /// Answers in the handler's place, and closes.
    func refuse(_ refusal: Refusal, isHead: Bool = false) {
        output.append(problem(refusal, keepAlive: false, minor: 1, isHead: isHead))
        closeGently()
    }

    /// The handler is late: its peer is told, and its task cancelled.
    func answerTimedOut() {
        guard phase == .handling, let exchange, exchange.answer == .none else { return }
        self.exchange = nil
        exchange.abandon()
        refuse(.answerTimeout, isHead: exchange.isHead)
    }

    /// There is room for more again, and some of it may have been read already.
    func resumeReading() {
        updateInterest()
        if !input.isEmpty { listener.loop.performLater { [self] in advance() } }
    }

    func problem(_ refusal: Refusal, keepAlive: Bool, minor: Int, isHead: Bool) -> [UInt8] {
        let id = Refusal.makeID()
        let body = refusal.body(requestID: id)
        let head = ResponseHead(problem: refusal.status, requestID: id)
        var bytes = head.encode(
            .known(body.count), keepAlive: keepAlive, minor: minor,
            date: listener.currentDate(), room: body.count)
        if !isHead { bytes += body }
        return bytes
    }
}
