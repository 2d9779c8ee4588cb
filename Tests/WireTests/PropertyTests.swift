import FoundationEssentials
import Testing
import Wire

@Suite("What holds for every value")
struct PropertyTests {
    @Test("any value comes back from its bytes", arguments: 1...40 as ClosedRange<UInt64>)
    func roundTrip(seed: UInt64) throws {
        var dice = Dice(seed: seed)
        for _ in 0..<10 {
            let value = dice.value()
            let bytes = try WireEncoder.encode(value)
            #expect(try WireDecoder.decode(WireValue.self, from: bytes) == value)
            let canonical = try WireEncoder.canonical(value)
            let again = try WireDecoder.decode(WireValue.self, from: canonical)
            #expect(try WireEncoder.canonical(again) == canonical)
        }
    }

    @Test("the direct and the Codable form are the same bytes, and read each other")
    func sameBytes() throws {
        var dice = Dice(seed: 7)
        for _ in 0..<60 {
            let hot = dice.hot()
            let direct = try WireEncoder.encode(hot)
            #expect(try WireEncoder.encode(Plain(hot)) == direct)
            #expect(try WireDecoder.decode(Hot.self, from: direct) == hot)
            #expect(try WireDecoder.decode(Plain.self, from: direct) == Plain(hot))
            // Inside of other types the coder still recognises it.
            let wrapped = try WireEncoder.encode(["k": [hot]])
            #expect(try WireEncoder.encode(["k": [Plain(hot)]]) == wrapped)
            #expect(try WireDecoder.decode([String: [Hot]].self, from: wrapped) == ["k": [hot]])
        }
    }

    @Test("random bytes are refused or read, and never more than there is")
    func noise() {
        var dice = Dice(seed: 99)
        var refused = 0
        for _ in 0..<3000 {
            let bytes = (0..<dice.roll(40)).map { _ in UInt8(dice.roll(256)) }
            do throws(WireError) {
                let value = try WireDecoder.decode(WireValue.self, from: bytes)
                let again = try WireEncoder.encode(value)
                #expect(try WireDecoder.decode(WireValue.self, from: again).isSame(as: value))
            } catch {
                refused += 1
                #expect(error.offset <= bytes.count)
            }
        }
        #expect(refused > 1000)
    }

    @Test("equal contents have one canonical form, whatever order they came in")
    func canonical() throws {
        let one: WireValue = ["b": 1.5, "aa": [1.0, 0.1], "a": ["y": nil, "x": .double(.nan)]]
        let two: WireValue = ["a": ["x": .double(-.nan), "y": nil], "aa": [1.0, 0.1], "b": 1.5]
        let form = hex(
            "a3 6161 a2 6178 f97e00 6179 f6 6162 f93e00 626161 82 f93c00 fb3fb999999999999a")
        #expect(try WireEncoder.canonical(one) == form)
        #expect(try WireEncoder.canonical(two) == form)
    }

    @Test("many tasks may encode and decode at once")
    func concurrent() async throws {
        let expected = try WireEncoder.encode(Sample.one)
        let matches = try await withThrowingTaskGroup(of: Int.self) { group in
            for task in 0..<64 {
                group.addTask {
                    var dice = Dice(seed: UInt64(task) + 1)
                    var same = 0
                    for _ in 0..<20 {
                        let hot = dice.hot(depth: 1)
                        let back = try WireDecoder.decode(Hot.self, from: WireEncoder.encode(hot))
                        let bytes = try WireEncoder.encode(Sample.one)
                        let sample = try WireDecoder.decode(Sample.self, from: bytes)
                        if back == hot && sample == .one && bytes.count == expected.count {
                            same += 1
                        }
                    }
                    return same
                }
            }
            return try await group.reduce(0, +)
        }
        #expect(matches == 64 * 20)
    }
}

extension WireValue {
    /// Equality where a number that is not one equals itself.
    func isSame(as other: WireValue) -> Bool {
        "\(self)" == "\(other)"
    }
}
