import FoundationEssentials
import Glibc
import Wire

/// Measures what `measure.py` asks for: a line `<message> <codec> <encode|decode> <milliseconds>`
/// is answered with nanoseconds per call and the size of the message.
@main
enum WireBench {
    typealias Work = () throws -> Int

    static func main() throws {
        var works: [String: Work] = [:]
        try add("envelope", Content.envelope, to: &works)
        try add("chat", Content.chat, to: &works)
        try add("token", Content.token, to: &works)
        try add("batch", Content.batch, to: &works)
        try add("blob", Content.chunk, to: &works)
        let blob = [UInt8](Content.chunk.data)
        works["blob memcpy encode"] = { copy(blob) }
        works["blob memcpy decode"] = { copy(blob) }
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
        _ name: String, _ message: Message, to works: inout [String: Work]
    ) throws {
        let bytes = try WireEncoder.encode(message)
        let direct = Direct(message)
        guard try WireEncoder.encode(direct) == bytes else {
            throw WireError(.unbalanced, offset: 0, path: name)
        }
        let encoder = JSONEncoder()
        let decoder = JSONDecoder()
        let json = try encoder.encode(message)
        works[name + " codable encode"] = { try WireEncoder.encode(message).count }
        works[name + " codable decode"] = {
            keep(try WireDecoder.decode(Message.self, from: bytes))
            return bytes.count
        }
        works[name + " direct encode"] = { try WireEncoder.encode(direct).count }
        works[name + " direct decode"] = {
            keep(try WireDecoder.decode(Direct<Message>.self, from: bytes))
            return bytes.count
        }
        works[name + " json encode"] = { try encoder.encode(message).count }
        works[name + " json decode"] = {
            keep(try decoder.decode(Message.self, from: json))
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
            for _ in 0..<times { bytes = try work() }
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
    private static func copy(_ source: [UInt8]) -> Int {
        let target = [UInt8](unsafeUninitializedCapacity: source.count) { target, count in
            source.withUnsafeBytes { UnsafeMutableRawBufferPointer(target).copyMemory(from: $0) }
            count = source.count
        }
        keep(target)
        return target.count
    }
}
