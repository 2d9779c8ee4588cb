import EventLoop

extension Connection {
    /// Hands a request to the handler.
    func begin(_ parsed: ParsedRequest) throws(Refusal) {
        let body = try BodyDecoder(parsed.framing.body, limits: limits)
        let exchange = Exchange(
            self, framing: parsed.framing, body: body, isHead: parsed.method == "HEAD")
        self.exchange = exchange
        setPhase(.handling)
        let request = HTTPRequest(
            method: parsed.method, target: parsed.raw, path: parsed.target.path,
            query: parsed.target.query, headers: parsed.headers, remote: remote,
            isSecure: stream.isSecure)
        let core = listener.core
        if body.isComplete, let ready = core.atOnce?(request) { return give(ready, exchange) }
        setAnswerDeadline(limits.answerTimeout)
        run(exchange) {
            await core.handler(request, BodyStream(exchange), ResponseWriter(exchange))
        }
    }

    private func give(_ ready: ReadyAnswer, _ exchange: Exchange) {
        do throws(HTTPError) {
            _ = try exchange.respond(
                status: ready.status, headers: ready.headers, body: ready.body)
        } catch {
            // It shows in how the answer stands: none, or a peer that has gone.
        }
        settle(exchange)
    }

    /// Starts a task for an answer. It begins within this call, and often ends there.
    func run(
        _ exchange: Exchange,
        _ body: nonisolated(nonsending) @escaping @Sendable () async -> Void
    ) {
        listener.handlerStarted()
        let loop = listener.loop
        exchange.tasks += 1
        let number = exchange.tasks
        let task = Task.immediate(executorPreference: loop) { [self] in
            EventLoop.mark(currentJob())
            await body()
            loop.perform {
                exchange.ended = max(exchange.ended, number)
                // A handler may have started the next one before it returned.
                if exchange.tasks == number { exchange.task = nil }
                self.handlerReturned(exchange)
            }
        }
        // It may have ended already, or its peer may have gone, or there is a later one.
        guard exchange.ended < number else { return }
        if exchange.connection == nil, exchange.answer != .done { task.cancel() }
        if exchange.connection != nil, exchange.tasks == number { exchange.task = task }
    }

    private func handlerReturned(_ exchange: Exchange) {
        settle(exchange)
        listener.handlerEnded()
    }

    private func settle(_ exchange: Exchange) {
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
