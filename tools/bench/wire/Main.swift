import FoundationEssentials
import Glibc
import Wire

/// Measures what `measure.py` asks for: a line `<message> <codec> <encode|decode> <milliseconds>`
/// is answered with nanoseconds per call and the size of the message.
@main
enum WireBench {
    /// Does the work a number of times and returns the size of the message. The loop is inside, so
    /// that neither a call through a pointer nor a look at a captured variable is measured.
    typealias Work = (Int) throws -> Int

    static func main() throws {
        var works: [String: Work] = [:]
        try add("envelope", Content.envelope, "direct-data", to: &works)
        try add("envelope", HotEnvelope(Content.envelope), "direct", to: &works)
        try add("chat", Content.chat, "direct", to: &works)
        try add("token", Content.token, "direct", to: &works)
        try add("batch", Content.batch, "direct", to: &works)
        try add("blob", Content.chunk, "direct", to: &works)
        let blob = [UInt8](Content.chunk.data)
        for way in ["encode", "decode"] {
            works["blob memcpy \(way)"] = { times in
                for _ in 0..<times { copy(blob) }
                return blob.count
            }
        }
        while let line = readLine() {
            let words = line.split(separator: " ")
            guard words.count == 4, let window = Int(words[3]),
                let work = works[words[..<3].joined(separator: " ")]
            else {
                puts("unknown")
                fflush(nil)
                continue
            }
            let (time, bytes) = try measure(work, milliseconds: window)
            puts("\(time) \(bytes)")
            fflush(nil)
        }
    }

    private static func add<Message: Handwritten>(
        _ name: String, _ message: Message, _ way: String, to works: inout [String: Work]
    ) throws {
        let bytes = try WireEncoder.encode(message)
        let direct = Direct(message)
        guard try WireEncoder.encode(direct) == bytes else {
            throw WireError(.unbalanced, offset: 0, path: name)
        }
        works["\(name) \(way) encode"] = { times in
            for _ in 0..<times { keep(try WireEncoder.encode(direct)) }
            return bytes.count
        }
        works["\(name) \(way)-kept encode"] = { times in
            var kept: [UInt8] = []
            for _ in 0..<times {
                kept.removeAll(keepingCapacity: true)
                try WireEncoder.encode(direct, appendingTo: &kept)
            }
            return kept.count
        }
        let decode: Work = { times in
            for _ in 0..<times { keep(try WireDecoder.decode(Direct<Message>.self, from: bytes)) }
            return bytes.count
        }
        works["\(name) \(way) decode"] = decode
        works["\(name) \(way)-kept decode"] = decode
        if works[name + " json encode"] == nil { try addCodable(name, message, bytes, to: &works) }
    }

    private static func addCodable<Message: Codable>(
        _ name: String, _ message: Message, _ bytes: [UInt8], to works: inout [String: Work]
    ) throws {
        let encoder = JSONEncoder()
        let decoder = JSONDecoder()
        let json = try encoder.encode(message)
        works[name + " codable encode"] = { times in
            for _ in 0..<times { keep(try WireEncoder.encode(message)) }
            return bytes.count
        }
        works[name + " codable decode"] = { times in
            for _ in 0..<times { keep(try WireDecoder.decode(Message.self, from: bytes)) }
            return bytes.count
        }
        works[name + " json encode"] = { times in
            for _ in 0..<times { keep(try encoder.encode(message)) }
            return json.count
        }
        works[name + " json decode"] = { times in
            for _ in 0..<times { keep(try decoder.decode(Message.self, from: json)) }
            return json.count
        }
    }

    /// Repeats the work in growing rounds until the window is full.
    private static func measure(_ work: Work, milliseconds: Int) throws -> (Double, Int) {
        let window = Double(milliseconds) * 1_000_000
        var bytes = 0
        var times = 1
        while true {
            let start = processorTime()
            bytes = try work(times)
            let spent = processorTime() - start
            if spent >= window { return (spent / Double(times), bytes) }
            let share = max(spent / window, 0.05)
            times = max(times + 1, Int(Double(times) / share * 1.05))
        }
    }

    /// What this thread has spent, in nanoseconds: neighbours on the machine count less that way.
    private static func processorTime() -> Double {
        var time = timespec()
        clock_gettime(CLOCK_THREAD_CPUTIME_ID, &time)
        return Double(time.tv_sec) * 1_000_000_000 + Double(time.tv_nsec)
    }

    @inline(never)
    private static func keep<Value>(_ value: Value) {
        withExtendedLifetime(value) {}
    }

    /// The least that any codec does with a large byte string: one new array, one copy.
    @inline(never)
    private static func copy(_ source: [UInt8]) {
        let target = [UInt8](unsafeUninitializedCapacity: source.count) { target, count in
            source.withUnsafeBytes { UnsafeMutableRawBufferPointer(target).copyMemory(from: $0) }
            count = source.count
        }
        keep(target)
    }
}
