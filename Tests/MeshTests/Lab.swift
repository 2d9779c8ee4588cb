import Mesh
import MeshContract

/// A service for tests: each method shows one thing.
enum Lab: MeshService {
    static let name = "lab"
    static let contract = Contract(
        Self.self, Echo.self, Fail.self, Guarded.self, Wait.self, WaitOnce.self, Who.self,
        Once.self)
    protocol Method: MeshMethod where Service == Lab {}

    /// Gives back what it gets.
    struct Echo: Method {
        static let name = "echo"
        static let summary = "Gives back what it gets."
        static let traits = MethodTraits.read
        typealias Reply = Echo
        var text: String
        var bytes: [UInt8]?
    }

    /// The same, to be made once: a call that is lost shows.
    struct Once: Method {
        static let name = "once"
        static let summary = "Gives back what it gets, and acts once."
        static let traits = MethodTraits.once
        typealias Reply = Once
        var text: String
    }

    struct Fail: Method {
        static let name = "fail"
        static let summary = "Fails with a code; without one, with an error of another kind."
        typealias Reply = Done
        var code: String?
    }

    struct Guarded: Method {
        static let name = "guarded"
        static let summary = "Is for friends."
        static let traits = MethodTraits.read.callers("friend", "ally")
        typealias Reply = Done
    }

    struct Wait: Method {
        static let name = "wait"
        static let summary = "Waits until the test says so, and may be repeated."
        static let traits = MethodTraits.read
        typealias Reply = Done
    }

    struct WaitOnce: Method {
        static let name = "wait-once"
        static let summary = "Waits until the test says so, and acts once."
        static let traits = MethodTraits.once
        typealias Reply = Done
    }

    struct Who: Method {
        static let name = "who"
        static let summary = "Says what it knows of the call."
        static let traits = MethodTraits.read
        typealias Reply = Answer
        struct Answer: Codable, Sendable, Equatable {
            var caller: String
            var call: String
            var trace: String?
            var milliseconds: Int
        }
    }

    /// A method of no service of ours.
    struct Unknown: Method {
        static let name = "unknown"
        static let summary = "Nobody answers it."
        typealias Reply = Done
    }
}

/// Passes a question on to the lab, as a service in the middle does.
enum Relay: MeshService {
    static let name = "relay"
    static let contract = Contract(Self.self, Ask.self)

    struct Ask: MeshMethod {
        typealias Service = Relay
        static let name = "ask"
        static let summary = "Asks the lab who called."
        static let traits = MethodTraits.read
        typealias Reply = Lab.Who.Answer
    }
}

/// The lab's handlers and what they saw.
final class LabBench: Sendable {
    let started = Tally()
    let cancelled = Tally()
    let ended = Tally()
    let door = Door()

    var routes: Routes {
        Routes(Lab.contract, echo, fail, guarded, mayRepeat, once, who, again)
    }

    private func echo(_ request: Lab.Echo, _: Call) -> Lab.Echo { request }
    private func again(_ request: Lab.Once, _: Call) -> Lab.Once { request }
    private func guarded(_: Lab.Guarded, _: Call) -> Done { Done() }
    private func mayRepeat(_: Lab.Wait, _: Call) async throws -> Done { try await wait() }
    private func once(_: Lab.WaitOnce, _: Call) async throws -> Done { try await wait() }

    private func fail(_ request: Lab.Fail, _: Call) throws -> Done {
        guard let code = request.code else { throw Surprise(secret: "the cellar key") }
        throw Fault(
            Fault.Code(rawValue: code), "as asked", detail: "more",
            fields: [FieldFault("/code", "is odd")], retryAfterMilliseconds: 5)
    }

    private func who(_: Lab.Who, _ call: Call) -> Lab.Who.Answer {
        Lab.Who.Answer(
            caller: call.caller, call: call.id, trace: call.trace,
            milliseconds: Int(call.time / .milliseconds(1)))
    }

    private func wait() async throws -> Done {
        started.add()
        do {
            try await door.pass()
        } catch {
            cancelled.add()
            throw error
        }
        ended.add()
        return Done()
    }
}

struct Surprise: Error { let secret: String }

/// The service in the middle.
struct Middle {
    let lab: MeshClient

    var routes: Routes { Routes(Relay.contract, ask) }

    private func ask(_: Relay.Ask, _: Call) async throws -> Lab.Who.Answer {
        try await lab.call(Lab.Who())
    }
}
