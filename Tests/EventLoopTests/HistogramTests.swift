import FoundationEssentials
import Testing

@testable import EventLoop

@Suite("Histograms")
struct HistogramTests {
    /// Around every power of two, as far as a day.
    private static let times: [UInt64] = (0..<46).flatMap { power -> [UInt64] in
        let one: UInt64 = 1 << UInt64(power)
        return [one - 1, one, one + 1, one + one / 3]
    }

    @Test("a time is counted where the steps say, within a sixteenth of it", arguments: times)
    func steps(time: UInt64) {
        let bucket = Histogram.bucket(time)
        let end = Histogram.end(of: bucket)
        #expect(end > time)
        #expect(end - time <= max(time / 16, 64))
        if bucket > 0 { #expect(Histogram.end(of: bucket - 1) <= time) }
    }

    @Test("what takes longer than a day is counted as well, in the same memory")
    func longest() {
        var histogram = Histogram()
        histogram.note(.max)
        histogram.note(1 << 60)
        #expect(Histogram.bucket(.max) == Histogram.most - 1)
        #expect(histogram.count == 2)
        #expect(histogram.longest == .max)
    }

    @Test("quantiles are right within a sixteenth")
    func quantiles() throws {
        var histogram = Histogram()
        #expect(histogram.quantile(0.5) == nil)
        for time in 1...10_000 { histogram.note(UInt64(time) * 1_000) }
        for (share, exact) in [(0.5, 5_000_000.0), (0.9, 9_000_000), (0.99, 9_900_000)] {
            let found = Double(try #require(histogram.quantile(share)))
            #expect(found >= exact && found <= exact * 17 / 16)
        }
        #expect(histogram.quantile(1) == 10_000_000)
        #expect(histogram.quantile(0) ?? .max <= 1_100)
        #expect(histogram.mean == 5_000_500)
    }

    @Test("two readings tell what happened between them")
    func window() {
        var histogram = Histogram()
        for _ in 0..<100 { histogram.note(1_000) }
        let before = histogram
        for _ in 0..<10 { histogram.note(5_000_000) }
        let between = histogram.since(before)
        #expect(between.count == 10)
        #expect(between.quantile(0.01) ?? 0 >= 5_000_000)
        #expect(between.mean == 5_000_000)
        #expect(histogram.since(histogram).count == 0)
        // Not an older reading of the same: as after a restart.
        var fresh = Histogram()
        fresh.note(7_000)
        #expect(fresh.since(before) == fresh)
    }

    @Test("it crosses the wire whole")
    func coding() throws {
        var histogram = Histogram()
        for time in [3, 900, 70_000, 70_001, 1 << 33, UInt64(Int64.max)] { histogram.note(time) }
        let bytes = try JSONEncoder().encode(histogram)
        let back = try JSONDecoder().decode(Histogram.self, from: bytes)
        #expect(back.count == histogram.count)
        #expect(back.since(histogram).count == 0)
        for share in [0.1, 0.5, 0.9, 1] {
            #expect(back.quantile(share) == histogram.quantile(share))
        }
    }

    @Test(
        "what cannot be a histogram is refused",
        arguments: ["[1]", "[-1, 5]", "[608, 1]", "[5, -1]", "[9223372036854775807, 1]"])
    func hostile(buckets: String) {
        let text = "{\"buckets\":\(buckets),\"sum\":1,\"longest\":1}"
        #expect(throws: DecodingError.self) {
            try JSONDecoder().decode(Histogram.self, from: Data(text.utf8))
        }
    }
}
