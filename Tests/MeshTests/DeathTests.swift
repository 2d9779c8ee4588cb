import Mesh
import MeshContract
import Testing

/// Connections that end while calls are under way.
enum Death: String, CaseIterable, Codable, CustomTestStringConvertible {
    case repeatable = "a repeatable call outlives its service's death"
    case once = "a call to be made once is not made twice when its service dies"
    case many = "many calls under way when the service dies all come to an end"
    case caller = "the handler is cancelled when its caller's connection goes"
    case drain = "a drain ends at its deadline, and cancels what is left"
    case revoked = "a revoked key ends its connections at once, also those that are silent"
    case expired = "a key ends at its second, on connections that live as well"
    var testDescription: String { rawValue }

    /// Two need callers who prove who they are.
    func canHappen(on way: Way) -> Bool {
        way.isNetwork || self != .revoked && self != .expired
    }

    func happens(on way: Way) async throws {
        let rig = try Rig(way)
        switch self {
        case .repeatable: try await ofService(rig)
        case .once: try await ofServiceOnce(rig)
        case .many:
            // Many messages are on their way when it dies, which is what stops libnng's reaper.
            try await reaping(by: way.isLibrary) { try await ofBusyService(rig) }
        case .caller: try await ofCaller(rig)
        case .drain: try await ofDrained(rig)
        case .revoked: try await ofRevoked(rig)
        case .expired: try await ofExpired(rig)
        }
    }

    private func ofService(_ rig: Rig) async throws {
        let (first, second) = (LabBench(), LabBench())
        try rig.serve(first.routes)
        let client = rig.client()
        let call = Task { await fault(of: Lab.Wait(), client) }
        await first.started.reaches(1)
        await rig.kill()
        await first.cancelled.reaches(1)
        second.door.open()
        try rig.serve(second.routes)
        #expect(await call.value == nil)
        #expect(first.started.count == 1 && second.started.count == 1)
    }

    private func ofServiceOnce(_ rig: Rig) async throws {
        let (first, second) = (LabBench(), LabBench())
        try rig.serve(first.routes)
        let client = rig.client()
        let call = Task { await fault(of: Lab.WaitOnce(), client) }
        await first.started.reaches(1)
        await rig.kill()
        #expect(await call.value?.code == .unavailable)
        second.door.open()
        try rig.serve(second.routes)
        #expect(try await client.call(Lab.Echo(text: "back")).text == "back")
        #expect(second.started.count == 0)
    }

    private func ofBusyService(_ rig: Rig) async throws {
        let (first, second) = (LabBench(), LabBench())
        try rig.serve(first.routes)
        let client = rig.client()
        let calls = (0..<200).map { number in
            Task {
                number.isMultiple(of: 2)
                    ? await fault(of: Lab.Wait(), client) : await fault(of: Lab.WaitOnce(), client)
            }
        }
        await first.started.reaches(200)
        await rig.kill()
        second.door.open()
        try rig.serve(second.routes)
        var right = 0
        for (number, call) in calls.enumerated() {
            let code = await call.value?.code
            if code == (number.isMultiple(of: 2) ? nil : .unavailable) { right += 1 }
        }
        #expect(right == calls.count)
        #expect(second.started.count == 100)
    }

    private func ofCaller(_ rig: Rig) async throws {
        let bench = LabBench()
        try rig.serve(bench.routes)
        let client = rig.client()
        let call = Task { await fault(of: Lab.WaitOnce(), client) }
        await bench.started.reaches(1)
        rig.killCallers()
        await bench.cancelled.reaches(1)
        #expect(await call.value?.code == .unavailable)
        // Closed is closed: it does not dial again.
        #expect(await fault(of: Lab.Echo(text: "x"), client)?.code == .unavailable)
        let stats = try await rig.client().stats(Lab.name)
        #expect(stats.inHand == 0)
    }

    private func ofDrained(_ rig: Rig) async throws {
        let bench = LabBench()
        try rig.serve(bench.routes)
        let client = rig.client()
        let call = Task { await fault(of: Lab.WaitOnce(), client) }
        await bench.started.reaches(1)
        await rig.stop(within: .milliseconds(50))
        await bench.cancelled.reaches(1)
        #expect(await call.value?.code == .unavailable)
    }

    private func ofRevoked(_ rig: Rig) async throws {
        let bench = LabBench()
        try rig.serve(bench.routes)
        let (friend, ally) = (rig.client(as: "friend"), rig.client(as: "ally"))
        var known = try #require(rig.keys.ensure("friend")).known
        let waiting = Task { try await friend.call(Lab.WaitOnce(), within: .seconds(30)) }
        let other = Task { try await ally.call(Lab.WaitOnce(), within: .seconds(30)) }
        await bench.started.reaches(2)
        known.until = .revoked
        rig.keys.write("friend", known: [known])
        await #expect(throws: Fault.self) { try await waiting.value }
        await #expect(throws: Fault.self) { try await friend.call(Lab.Echo(text: "x")) }
        bench.door.open()
        _ = try await other.value
        let stats = try await rig.client(as: "admin").stats(Lab.name)
        #expect(stats.turnedAway["revoked"] == 1)
    }

    private func ofExpired(_ rig: Rig) async throws {
        try rig.serve(LabBench().routes)
        let client = rig.client(as: "friend")
        _ = try await client.call(Lab.Echo(text: "x"))
        var known = try #require(rig.keys.ensure("friend")).known
        known.until = .second(1)
        rig.keys.write("friend", known: [known])
        #expect(
            await eventually {
                await fault(of: Lab.Echo(text: "x"), client)?.code == .unauthenticated
            })
    }
}

@Suite("Deaths", .timeLimit(.minutes(1)))
struct DeathTests {
    @Test(
        "on our own loop", .enabled(if: !Library.isTested), arguments: Death.allCases, Way.sockets)
    func own(death: Death, way: Way) async throws {
        guard death.canHappen(on: way) else { return }
        try await death.happens(on: way)
    }

    /// libnng's reaper may stop for good at any of them: each is the only one of its process.
    @Test(
        "by libnng", .enabled(if: Library.isTested), .serialized, arguments: Death.allCases,
        Way.sockets)
    func library(death: Death, way: Way) async {
        guard death.canHappen(on: way) else { return }
        await #expect(processExitsWith: .success) { [death, way] in
            try await death.happens(on: way)
        }
    }
}
