import Console
import EventLoop
import Glibc
import Mesh
import MeshContract
import Synchronization

/// Two services, on ipc and on tcp, while strangers do their worst and one polite caller goes on.
final class HostileSoak {
    private static let threads = 8
    /// Kilobytes that a second pass of the same may add to what is held at rest.
    private static let mostGrowth = 8_192
    /// Kilobytes that a service may ever hold.
    private static let mostHeld = 512 << 10

    private let place: Place
    private let seats: [Place.Seat]
    private let children: [Child]
    private let transport: SocketTransport
    private let loop = EventLoop()
    private let polite: PoliteCaller
    private var peaks: [Int]

    /// True when nothing is wrong. `seconds` for each attack.
    static func run(seconds: Double) async throws -> Bool {
        let place = try Place.make()
        defer { place.remove() }
        let soak = try HostileSoak(at: place)
        defer { soak.end() }
        return try await soak.run(seconds)
    }

    private init(at place: Place) throws {
        self.place = place
        seats = place.seats.filter { [Far.name, Steady.name].contains($0.service) }.suffix(2)
        children = try seats.map {
            try Child(["serve", $0.service, $0.url, $0.hints, $0.folder])
        }
        transport = SocketTransport(place.directory, on: loop)
        polite = PoliteCaller(MeshClient(transport, as: "soak"))
        peaks = children.map { _ in 0 }
    }

    private func end() {
        transport.close()
        loop.stop()
        for child in children {
            child.signal(SIGKILL)
            var status: Int32 = 0
            waitpid(child.process, &status, 0)
        }
    }

    private func run(_ seconds: Double) async throws -> Bool {
        let calling = Task { [polite] in await polite.goOn() }
        defer { calling.cancel() }
        try await Task.sleep(for: .seconds(2))
        let before = children.map { Holdings(of: $0.process) }
        var rests: [[Holdings]] = []
        for pass in 1...2 {
            for attack in Attack.allCases { try await suffer(attack, for: seconds) }
            try await Task.sleep(for: .seconds(12))  // a handshake may take ten
            rests.append(children.map { Holdings(of: $0.process) })
            Terminal.out("pass \(pass), at rest: \(words(rests[pass - 1]))")
        }
        calling.cancel()
        await calling.value
        return judge(before, rests)
    }

    private func words(_ all: [Holdings]) -> String {
        zip(seats, all).map { "\($0.service) \($1.kilobytes) kB, \($1.descriptors) fd" }
            .joined(separator: "; ")
    }

    private func judge(_ before: [Holdings], _ rests: [[Holdings]]) -> Bool {
        let polite = polite.figures
        var faults = polite.failed
        for (number, seat) in seats.enumerated() {
            let (first, second) = (rests[0][number], rests[1][number])
            if second.kilobytes > first.kilobytes + Self.mostGrowth {
                faults.append("\(seat.service) grew to \(second.kilobytes) kB")
            }
            if second.descriptors > before[number].descriptors {
                faults.append("\(seat.service) holds \(second.descriptors) descriptors")
            }
            if peaks[number] > Self.mostHeld {
                faults.append("\(seat.service) held \(peaks[number]) kB")
            }
        }
        Terminal.out(
            "\(polite.answered) polite calls answered, the slowest in \(polite.slowest); at most "
                + "\(peaks.map(String.init).joined(separator: ", ")) kB held")
        for fault in faults { Terminal.out("WRONG: \(fault)") }
        Terminal.out(faults.isEmpty ? "all is well" : "\(faults.count) things are wrong")
        return faults.isEmpty
    }

    // MARK: The attacks

    private func suffer(_ attack: Attack, for seconds: Double) async throws {
        let end = ContinuousClock.now + .seconds(seconds)
        let count = Mutex(0)
        let seats = seats
        // Threads, for they block; the pool of tasks stays free for the polite one.
        let threads = seats.flatMap { seat in
            (0..<Self.threads).map { _ in
                Worker {
                    let done = attack.run(on: seat.url, service: seat.service) {
                        ContinuousClock.now >= end
                    }
                    count.withLock { $0 += done }
                }
            }
        }
        var highest = children.map { _ in 0 }
        while ContinuousClock.now < end {
            try await Task.sleep(for: .milliseconds(100))
            for (number, child) in children.enumerated() {
                highest[number] = max(highest[number], Holdings(of: child.process).kilobytes)
            }
        }
        for thread in threads { thread.join() }
        for number in peaks.indices { peaks[number] = max(peaks[number], highest[number]) }
        Terminal.out(
            "\(attack.words): \(count.withLock { $0 }) times; at most "
                + highest.map { "\($0) kB" }.joined(separator: ", "))
    }
}

/// Calls both services all the while, and remembers how that went.
private final class PoliteCaller: Sendable {
    struct Figures {
        var answered = 0
        /// The first few.
        var failed: [String] = []
        var slowest = Duration.zero
    }

    private let client: MeshClient
    private let state = Mutex(Figures())

    init(_ client: MeshClient) { self.client = client }

    var figures: Figures { state.withLock { $0 } }

    /// Until its task is cancelled.
    func goOn() async {
        var number = 0
        while !Task.isCancelled {
            number += 1
            let began = ContinuousClock.now
            do {
                let reply = try await ask(number)
                guard reply == number else { throw Fault(.internal, "answered \(reply)") }
                note(ContinuousClock.now - began)
            } catch {
                guard !Task.isCancelled else { return }
                state.withLock { if $0.failed.count < 20 { $0.failed.append("polite: \(error)") } }
            }
            try? await Task.sleep(for: .milliseconds(2))  // cancelled, it ends all the same
        }
    }

    private func note(_ time: Duration) {
        state.withLock { state in
            state.answered += 1
            state.slowest = max(state.slowest, time)
        }
    }

    private func ask(_ number: Int) async throws -> Int {
        if number.isMultiple(of: 2) {
            return try await client.call(Echo<Far>(number: number), within: .seconds(10)).number
        }
        return try await client.call(Echo<Steady>(number: number), within: .seconds(10)).number
    }
}

/// A thread of its own.
final class Worker: @unchecked Sendable {
    private var thread = pthread_t()

    init(_ body: @escaping @Sendable () -> Void) {
        let box = Unmanaged.passRetained(Box(body))
        pthread_create(
            &thread, nil,
            { raw in
                guard let raw else { return nil }
                Unmanaged<Box>.fromOpaque(raw).takeRetainedValue().body()
                return nil
            }, box.toOpaque())
    }

    func join() { pthread_join(thread, nil) }

    private final class Box: Sendable {
        let body: @Sendable () -> Void
        init(_ body: @escaping @Sendable () -> Void) { self.body = body }
    }
}
