import Testing

@testable import EventLoop

@Suite struct PatienceTests {
    private let longest: UInt64 = 50_000

    @Test("a loop that has always slept long does not look around")
    func startsShut() {
        var patience = Patience(longest: longest)
        patience.slept(from: 0, to: 5_000_000)
        #expect(!patience.looksOn(since: 5_000_000, at: 5_000_000))
    }

    @Test("a short sleep opens the window, long ones close it by halves")
    func opensAndCloses() {
        var patience = Patience(longest: longest)
        patience.slept(from: 0, to: 99_000)
        #expect(patience.looksOn(since: 60_000, at: 109_999))
        #expect(!patience.looksOn(since: 60_000, at: 110_000))
        patience.slept(from: 100_000, to: 900_000)
        #expect(patience.looksOn(since: 0, at: 24_999))
        #expect(!patience.looksOn(since: 0, at: 25_000))
        for _ in 0..<3 { patience.slept(from: 0, to: 900_000) }
        #expect(!patience.looksOn(since: 0, at: 0))
    }

    @Test("between crowds it sleeps, and looks around again when they come by ones and twos")
    func crowds() {
        var patience = Patience(longest: longest)
        #expect(patience.isOn)
        patience.came(3)
        #expect(!patience.isOn)
        patience.came(0)
        #expect(!patience.isOn)
        patience.came(2)
        #expect(patience.isOn)
    }

    @Test("where somebody else took the processor, the window stays shut for a while")
    func yields() {
        var patience = Patience(longest: longest)
        patience.slept(from: 0, to: 99_000)
        patience.yielded(from: 60_000, to: 100_000)
        #expect(patience.looksOn(since: 60_000, at: 100_000))
        patience.yielded(from: 100_000, to: 3_000_000)
        #expect(!patience.looksOn(since: 3_000_000, at: 3_000_000))
        patience.slept(from: 3_000_000, to: 3_050_000)
        #expect(!patience.looksOn(since: 3_050_000, at: 3_050_000))
        patience.slept(from: 13_000_000, to: 13_010_000)
        #expect(patience.looksOn(since: 13_010_000, at: 13_020_000))
    }

    @Test("zero turns it off")
    func off() {
        var patience = Patience(longest: 0)
        patience.slept(from: 0, to: 10)
        #expect(!patience.isOn)
        #expect(!patience.looksOn(since: 10, at: 10))
    }
}
