import EventLoop
import Mesh
import Testing

@testable import AtelierTools

/// What `mesh top` makes of two readings.
@Suite("The mesh at a glance")
struct MeshTopTests {
    private static func method(
        _ name: String, calls: Int, faults: Int = 0, each nanoseconds: UInt64 = 2_000_000,
        inHand: Int = 0
    ) -> ServiceStats.Method {
        var method = ServiceStats.Method(name)
        (method.calls, method.faults, method.inHand) = (calls, faults, inHand)
        if faults > 0 { method.faultCodes = ["conflict": faults] }
        for _ in 0..<calls {
            method.latency.note(nanoseconds)
            method.queue.note(nanoseconds / 100)
        }
        (method.bytesIn, method.bytesOut) = (calls * 1_000, calls * 500)
        return method
    }

    private static func service(
        _ name: String, seconds: Int, _ methods: [ServiceStats.Method]
    ) -> MeshReading.Service {
        var stats = ServiceStats(inHand: methods.reduce(0) { $0 + $1.inHand }, refused: 0)
        stats.methods = methods
        stats.process.process = 42
        stats.process.uptimeMilliseconds = seconds * 1_000
        stats.process.processorMilliseconds = seconds * 100
        stats.process.residentBytes = 12_300_000
        return MeshReading.Service(
            name: name, service: name, url: "ipc:///x/\(name).sock", stats: stats,
            answerMicroseconds: 5, trouble: nil)
    }

    private static func reading(_ services: MeshReading.Service...) -> MeshReading {
        MeshReading(services: services, at: 0)
    }

    private static let down = MeshReading.Service(
        name: "storage", service: "storage", url: "ipc:///x/storage.sock", stats: nil,
        answerMicroseconds: 0, trouble: "nobody answers")

    private static let before = reading(
        service("billing", seconds: 10, [method("hold", calls: 100), method("open", calls: 3)]),
        service("orchestrator", seconds: 10, [method("follow", calls: 1)]), down)

    private static let now = reading(
        service(
            "billing", seconds: 14,
            [method("hold", calls: 140, faults: 10), method("open", calls: 3)]),
        service("orchestrator", seconds: 14, [method("follow", calls: 2, inHand: 3)]), down)

    @Test("figures are those of the time between two readings")
    func window() throws {
        let window = MeshWindow(Self.now, since: Self.before)
        let hold = try #require(window.methods.first { $0.method == "hold" })
        #expect(hold.calls == 40 && hold.callsPerSecond == 10)
        #expect(hold.faults == 10 && hold.errorPercent == 25)
        #expect(hold.bytesInPerSecond == 10_000 && hold.bytesOutPerSecond == 5_000)
        let p99 = try #require(hold.p99)
        #expect((2_000...2_125).contains(p99))
        #expect(window.services.map(\.up) == [true, true, false])
        #expect(window.services[0].processorPercent == 10)
        #expect(window.services[1].inHand == 3)
    }

    @Test("one reading tells what was since the start")
    func total() throws {
        let window = MeshWindow(Self.now)
        let hold = try #require(window.methods.first { $0.method == "hold" })
        #expect(hold.calls == 140 && hold.callsPerSecond == 10)
    }

    @Test("idle methods are left out, services that are down are not")
    func lines() {
        var table = MeshTable()
        let window = MeshWindow(Self.now, since: Self.before)
        let lines = table.lines(window)
        let text = lines.map(\.text)
        #expect(text.contains { $0.hasPrefix("billing       hold") && $0.contains("25 %") })
        #expect(!text.contains { $0.contains(" open") })
        #expect(lines.contains { $0.text.hasPrefix("storage") && $0.look == .alarm })
        #expect(text.contains { $0.hasSuffix("nobody answers") })
        #expect(text.contains { $0.contains("follow ~") })
        table.showsIdle = true
        #expect(table.lines(window).contains { $0.text.contains(" open") && $0.look == .faint })
    }

    @Test("methods are sorted by what is asked for", arguments: MeshTable.Order.allCases)
    func order(order: MeshTable.Order) {
        let window = MeshWindow(
            Self.reading(
                Self.service(
                    "billing", seconds: 1,
                    [
                        Self.method("audit", calls: 9, each: 1_000),
                        Self.method("hold", calls: 1, faults: 1, each: 9_000_000, inHand: 1),
                    ])))
        let lines = MeshTable(order: order).lines(window).map(\.text)
        let audit = lines.firstIndex { $0.contains("audit") } ?? 0
        let hold = lines.firstIndex { $0.contains("hold") } ?? 0
        #expect((audit < hold) == [.calls, .bytes, .name].contains(order))
        #expect(MeshTable.Order.allCases.contains(order.next) && order.next != order)
    }

    @Test("where there is little room, columns go and lines stay whole", arguments: [60, 80, 100])
    func narrow(room: Int) {
        var table = MeshTable()
        table.room = room
        let lines = table.lines(MeshWindow(Self.now, since: Self.before)).map(\.text)
        #expect(lines.filter { !$0.contains("nobody") }.allSatisfy { $0.count <= room })
        #expect(lines.contains { $0.contains("p99") })
    }

    @Test("times and sizes are short")
    func cells() {
        #expect(MeshTable.time(nil) == "")
        #expect(MeshTable.time(3.14) == "3.1 µs")
        #expect(MeshTable.time(870) == "870 µs")
        #expect(MeshTable.time(1_440) == "1.4 ms")
        #expect(MeshTable.time(65_000) == "65 ms")
        #expect(MeshTable.time(1_500_000) == "1.5 s")
        #expect(MeshTable.size(900) == "900 B")
        #expect(MeshTable.size(1_400) == "1.4 kB")
        #expect(MeshTable.size(12_300_000) == "12 MB")
    }
}
