/// How often a client may ask one service again: a tenth of its calls, and ten a second besides.
///
/// Retries help against single losses. When a service is down or full, they would double and double
/// again what it has to bear. Sums over the last ten seconds; the clock is passed in.
struct RetryBudget: Sendable {
    private static let seconds = 10
    private static let share = 10
    private static let floor = 10

    private var calls = [Int](repeating: 0, count: seconds)
    private var spent = [Int](repeating: 0, count: seconds)
    private var (callSum, spentSum) = (0, 0)
    private var second: UInt64 = 0
    /// Where the current second is counted, and when it is over.
    private var (place, until) = (0, UInt64(1_000_000_000))
    /// How often it was asked in vain, since the start.
    private(set) var denied = 0
    private(set) var granted = 0

    /// A call is made for the first time.
    mutating func called(at now: UInt64) {
        turn(now)
        calls[place] += 1
        callSum += 1
    }

    /// True when one more try is in order, which is then counted; one that is free always is.
    mutating func take(isFree: Bool = false, at now: UInt64) -> Bool {
        if isFree {
            granted += 1
            return true
        }
        turn(now)
        guard left > 0 else {
            denied += 1
            return false
        }
        spent[place] += 1
        spentSum += 1
        granted += 1
        return true
    }

    /// Tries that are in order now.
    var left: Int { callSum / Self.share + Self.floor * Self.seconds - spentSum }

    private mutating func turn(_ now: UInt64) {
        guard now >= until else { return }
        let current = now / 1_000_000_000
        guard current > second else { return }
        let passed = min(current - second, UInt64(Self.seconds))
        for step in 1...passed {
            let place = Int((second + step) % UInt64(Self.seconds))
            callSum -= calls[place]
            spentSum -= spent[place]
            (calls[place], spent[place]) = (0, 0)
        }
        (second, place) = (current, Int(current % UInt64(Self.seconds)))
        let next = (current + 1).multipliedReportingOverflow(by: 1_000_000_000)
        until = next.overflow ? .max : next.partialValue
    }
}
