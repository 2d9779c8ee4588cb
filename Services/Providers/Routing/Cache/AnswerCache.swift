/// Answers kept in memory for the same question of the same user: so long, and in so many bytes.
/// The one used longest ago goes first.
public struct AnswerCache<Answer: Sendable>: Sendable {
    public struct Question: Hashable, Sendable {
        public var user: String
        /// Of everything that decides the answer.
        public var digest: String

        public init(user: String, digest: String) { (self.user, self.digest) = (user, digest) }
    }

    private struct Entry: Sendable {
        var answer: Answer
        var bytes: Int
        var until: UInt64
        var used: UInt64
    }

    /// What an entry takes beside its answer.
    private static var frame: Int { 256 }

    private let rule: CacheRule
    private var entries: [Question: Entry] = [:]
    /// By when they were used, rising; the first is the oldest.
    private var order: [UInt64: Question] = [:]
    private var oldest: UInt64 = 1
    private var last: UInt64 = 0
    public private(set) var bytes = 0

    public init(_ rule: CacheRule) { self.rule = rule }

    public var count: Int { entries.count }

    public mutating func find(_ question: Question, now: UInt64) -> Answer? {
        guard let entry = entries[question] else { return nil }
        guard now < entry.until else {
            remove(question)
            return nil
        }
        touch(question)
        return entry.answer
    }

    /// Keeps an answer unless it alone is larger than a quarter of the room.
    public mutating func keep(
        _ answer: Answer, bytes size: Int, for question: Question, now: UInt64
    ) {
        let size = max(size, 0) + Self.frame
        guard size <= rule.bytes / 4 else { return }
        remove(question)
        last += 1
        order[last] = question
        entries[question] = Entry(
            answer: answer, bytes: size, until: now &+ rule.time.nanosecondsClamped, used: last)
        bytes += size
        while bytes > rule.bytes, let question = first() { remove(question) }
    }

    private mutating func touch(_ question: Question) {
        guard let used = entries[question]?.used else { return }
        last += 1
        order[used] = nil
        order[last] = question
        entries[question]?.used = last
    }

    private mutating func first() -> Question? {
        while oldest <= last {
            if let question = order[oldest] { return question }
            oldest += 1
        }
        return nil
    }

    private mutating func remove(_ question: Question) {
        guard let entry = entries.removeValue(forKey: question) else { return }
        order[entry.used] = nil
        bytes -= entry.bytes
    }
}
