import Log
public import MeshContract

/// A service's dispatch table; it can only be built whole.
public struct Routes: Sendable {
    typealias Route = @Sendable ([UInt8], Call) async throws -> [UInt8]

    let service: String
    let cards: [MethodCard]
    private var table: [String: (MethodTraits, Route)] = [:]

    /// Takes a handler for each method of the contract, in its order.
    public init<each M: MeshMethod>(
        _ contract: Contract<repeat each M>,
        _ handler: repeat @escaping @Sendable (each M, Call) async throws -> (each M).Reply
    ) {
        (service, cards) = (contract.service, contract.methods)
        func add<One: MeshMethod>(
            _ handler: @escaping @Sendable (One, Call) async throws -> One.Reply
        ) {
            table[One.name] = (
                One.traits,
                { bytes, call in
                    let request = try Envelope.decode(One.self, from: bytes, .invalid)
                    return try Envelope.encode(try await handler(request, call))
                }
            )
        }
        repeat add(each handler)
    }

    func has(_ method: String) -> Bool { table[method] != nil }

    /// Answers one call. This is the one place where any other error turns into `internal`: its
    /// cause is logged here under the call's id and never sent.
    func dispatch(_ method: String, _ bytes: [UInt8], _ call: Call) async throws(Fault) -> [UInt8] {
        guard let (traits, route) = table[method] else {
            throw Fault(.notFound, "\(service) has no method \(method)")
        }
        if let callers = traits.callers, call.caller != "admin", !callers.contains(call.caller) {
            throw Fault(.denied, "\(call.caller) may not call \(service) \(method)")
        }
        do {
            return try await call.run { try await route(bytes, call) }
        } catch let fault as Fault {
            throw fault
        } catch let error as any FaultConvertible where error.fault.code != .internal {
            throw error.fault
        } catch is CancellationError {
            throw Fault(.timedOut, "the caller gave up")
        } catch {
            call.log.error(
                "a call failed", ["method": method, "call": call.id, "error": "\(error)"])
            throw Fault(.internal, "internal error; the log has it under \(call.id)")
        }
    }
}
