import Log
public import MeshContract

/// A service's dispatch table; it can only be built whole.
public struct Routes: Sendable {
    /// Gives the message of the reply.
    typealias Answer = nonisolated(nonsending) @Sendable (Body, Call) async throws -> [UInt8]

    struct Route: Sendable {
        /// Its place in the order of the contract.
        let number: Int
        let method: String
        let traits: MethodTraits
        let answer: Answer
    }

    let service: String
    let cards: [MethodCard]
    private var table: [String: Route] = [:]
    private(set) var measures: @Sendable () -> [Measure] = { [] }

    /// Takes a handler for each method of the contract, in its order.
    public init<each M: MeshMethod>(
        _ contract: Contract<repeat each M>,
        _ handler: repeat @escaping @Sendable (each M, Call) async throws -> (each M).Reply
    ) {
        (service, cards) = (contract.service, contract.methods)
        repeat add(each handler)
    }

    /// Takes handlers for some methods of a contract; the others are not found. For stand-ins in
    /// tests: a service answers for all it promises.
    public init<each Promised: MeshMethod, each M: MeshMethod>(
        partOf contract: Contract<repeat each Promised>,
        _ handler: repeat @escaping @Sendable (each M, Call) async throws -> (each M).Reply
    ) {
        service = contract.service
        var names: [String] = []
        for type in repeat (each M).self { names.append(type.name) }
        cards = names.compactMap { name in contract.methods.first { $0.name == name } }
        repeat add(each handler)
    }

    /// The same with figures of the service's own trade among its stats. `read` is called whenever
    /// somebody wants them, and has to be quick.
    public func measured(_ read: @escaping @Sendable () -> [Measure]) -> Routes {
        var routes = self
        routes.measures = read
        return routes
    }

    private mutating func add<One: MeshMethod>(
        _ handler: @escaping @Sendable (One, Call) async throws -> One.Reply
    ) {
        table[One.name] = Route(
            number: table.count, method: One.name, traits: One.traits,
            answer: { body, call in
                let request = try body.decode(One.self, .invalid)
                let reply = try await handler(request, call)
                return try ReplyEnvelope.message { bytes throws(Fault) in
                    try Envelope.append(reply, to: &bytes)
                }
            })
    }

    func route(_ method: String) -> Route? { table[method] }

    /// Answers one call. This is the one place where any other error turns into `internal`: its
    /// cause is logged here under the call's id and never sent.
    nonisolated(nonsending) func dispatch(
        _ route: Route, _ body: Body, _ call: Call
    ) async throws(Fault) -> [UInt8] {
        if let callers = route.traits.callers, call.caller != "admin",
            !callers.contains(call.caller)
        {
            throw Fault(.denied, "\(call.caller) may not call \(service) \(route.method)")
        }
        do {
            return try await Call.$current.withValue(call) { try await route.answer(body, call) }
        } catch let fault as Fault {
            throw fault.begun
        } catch let error as any FaultConvertible where error.fault.code != .internal {
            throw error.fault.begun
        } catch is CancellationError {
            throw Fault(.timedOut, "the caller gave up")
        } catch {
            call.log.error(
                "a call failed", ["method": route.method, "call": call.id, "error": "\(error)"])
            throw Fault(.internal, "internal error; the log has it under \(call.id)")
        }
    }
}
