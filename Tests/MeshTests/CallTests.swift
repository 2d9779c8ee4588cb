import Mesh
import MeshContract
import Testing

/// What a caller sees, on every way alike.
@Suite("Calls", .timeLimit(.minutes(1)))
struct CallTests {
    @Test("a typed request brings its typed reply", arguments: Way.tested)
    func echo(way: Way) async throws {
        let rig = try Rig(way)
        try rig.serve(LabBench().routes)
        let reply = try await rig.client().call(Lab.Echo(text: "héllo", bytes: [0, 255]))
        #expect(reply.text == "héllo")
        #expect(reply.bytes == [0, 255])
    }

    @Test("a fault crosses whole, and its code stays what it was", arguments: Way.tested)
    func faults(way: Way) async throws {
        let rig = try Rig(way)
        try rig.serve(LabBench().routes)
        let client = rig.client()
        for code in ["invalid", "no-credits", "of-the-future"] {
            let fault = await fault(of: Lab.Fail(code: code), client)
            #expect(
                fault
                    == Fault(
                        Fault.Code(rawValue: code), "as asked", detail: "more",
                        fields: [FieldFault("/code", "is odd")], retryAfterMilliseconds: 5))
        }
    }

    @Test("any other error is internal, and says nothing of its cause", arguments: Way.tested)
    func surprises(way: Way) async throws {
        let rig = try Rig(way)
        try rig.serve(LabBench().routes)
        let fault = try #require(await fault(of: Lab.Fail(), rig.client()))
        #expect(fault.code == .internal)
        #expect(!fault.description.contains("cellar"))
        #expect(fault.message.contains("req_"), "it names the call to look for")
    }

    @Test("a method that nobody has is not found", arguments: Way.tested)
    func unknown(way: Way) async throws {
        let rig = try Rig(way)
        try rig.serve(LabBench().routes)
        #expect(await fault(of: Lab.Unknown(), rig.client())?.code == .notFound)
    }

    @Test("only the named callers may call, and the administrator", arguments: Way.tested)
    func callers(way: Way) async throws {
        let rig = try Rig(way)
        try rig.serve(LabBench().routes)
        for caller in ["friend", "ally", "admin"] {
            #expect(await fault(of: Lab.Guarded(), rig.client(as: caller)) == nil)
        }
        #expect(await fault(of: Lab.Guarded(), rig.client(as: "stranger"))?.code == .denied)
        for caller in ["", "Friend"] {
            let fault = await fault(of: Lab.Guarded(), rig.client(as: caller))
            // On the network nobody has a key of that name.
            #expect(fault?.code == (way.isNetwork ? .unauthenticated : .denied))
        }
    }

    @Test(
        "past its deadline a call is timed out, and the handler cancelled", arguments: Way.tested)
    func deadline(way: Way) async throws {
        let rig = try Rig(way)
        let bench = LabBench()
        try rig.serve(bench.routes)
        let began = ContinuousClock.now
        let fault = await fault(of: Lab.Wait(), rig.client(), within: .seconds(1))
        #expect(fault?.code == .timedOut)
        #expect(began.duration(to: .now) >= .seconds(1))
        await bench.cancelled.reaches(1)
        #expect(bench.started.count == 1, "a deadline is no reason to try again")
    }

    @Test("no time at all is a time-out, and no trap", arguments: Way.tested)
    func oddTimes(way: Way) async throws {
        let rig = try Rig(way)
        let bench = LabBench()
        try rig.serve(bench.routes)
        let client = rig.client()
        for time in [Duration.zero, .seconds(-1), .seconds(Int64.min)] {
            #expect(await fault(of: Lab.Wait(), client, within: time)?.code == .timedOut)
        }
        let who = try await client.call(Lab.Who(), within: .seconds(Int64.max))
        #expect(who.milliseconds > 86_000_000 && who.milliseconds <= 86_400_000)
    }

    @Test("cancelling the caller's task ends its call and the handler", arguments: Way.tested)
    func cancelled(way: Way) async throws {
        let rig = try Rig(way)
        let bench = LabBench()
        try rig.serve(bench.routes)
        let client = rig.client()
        let task = Task { await fault(of: Lab.Wait(), client, within: .seconds(60)) }
        await bench.started.reaches(1)
        task.cancel()
        #expect(await task.value?.code == .timedOut)
        await bench.cancelled.reaches(1)  // long before its deadline
        // Cancelled before it began.
        let early = Task {
            withUnsafeCurrentTask { $0?.cancel() }
            return await fault(of: Lab.Wait(), client, within: .seconds(60))
        }
        #expect(await early.value?.code == .timedOut)
        #expect(try await client.call(Lab.Echo(text: "after")).text == "after")
    }

    @Test("cancellations and answers that meet do no harm", arguments: Way.tested)
    func cancelStorm(way: Way) async throws {
        let rig = try Rig(way)
        try rig.serve(LabBench().routes)
        let client = rig.client()
        let tasks = (0..<500).map { number in
            Task { try await client.call(Lab.Echo(text: "\(number)")).text }
        }
        for (number, task) in tasks.enumerated() where number.isMultiple(of: 2) { task.cancel() }
        for (number, task) in tasks.enumerated() {
            switch await task.result {
            case .success(let text): #expect(text == "\(number)")
            case .failure(let error):
                #expect(number.isMultiple(of: 2), "\(error)")
                #expect((error as? Fault)?.code == .timedOut)
            }
        }
    }

    @Test("payloads of every size cross unchanged", arguments: Way.tested)
    func payloads(way: Way) async throws {
        let rig = try Rig(way)
        try rig.serve(LabBench().routes)
        let client = rig.client()
        // Not on the pool, where a large body in a debug build holds up other tests.
        try await Task(executorPreference: rig.callerLoop) {
            for size in [0, 1, 23, 24, 65_519, 65_536, 1 << 20, 15 << 20] {
                var bytes = [UInt8](repeating: 0xA5, count: size)
                for index in stride(from: 0, to: size, by: 4_093) {
                    bytes[index] = UInt8(index & 255)
                }
                let reply = try await client.call(Lab.Echo(text: "", bytes: bytes))
                #expect(reply.bytes == bytes, "\(size) bytes")
            }
        }.value
    }

    @Test("trace and call id pass through two services", arguments: Way.tested)
    func trace(way: Way) async throws {
        let rig = try Rig(way)
        try rig.serve(LabBench().routes)
        try rig.serve(Middle(lab: rig.client(as: Relay.name)).routes)
        let outside = rig.client(as: "gateway")
        let call = Call(
            id: "req_outside", caller: "browser", trace: "00-0af7-b7ad-01", time: .seconds(5),
            log: rig.log)
        let answer = try await call.run { try await outside.call(Relay.Ask()) }
        #expect(answer.call == "req_outside")
        #expect(answer.trace == "00-0af7-b7ad-01")
        #expect(answer.caller == Relay.name)
        let fresh = try await outside.call(Relay.Ask())
        #expect(fresh.call.hasPrefix("req_") && fresh.call != "req_outside")
        #expect(fresh.trace == nil)
    }

    @Test("a handler learns how long its caller waits", arguments: Way.tested)
    func time(way: Way) async throws {
        let rig = try Rig(way)
        try rig.serve(LabBench().routes)
        let answer = try await rig.client().call(Lab.Who(), within: .seconds(7))
        #expect((6_000...7_000).contains(answer.milliseconds))
    }
}

/// What a call failed with; nil when it brought a reply.
func fault<M: MeshMethod>(
    of request: M, _ client: MeshClient, within time: Duration = .seconds(10)
) async -> Fault? {
    do {
        _ = try await client.call(request, within: time)
        return nil
    } catch {
        return error
    }
}
