/// Amounts of money as integers of a billionth of a US dollar, as people write and read them.
public enum NanoUSD {
    /// What `12.5` dollars are; nil for what is no amount, is negative, or is finer than can be kept.
    public static func parse(_ dollars: String) -> Int64? {
        let parts = dollars.split(separator: ".", maxSplits: 1, omittingEmptySubsequences: false)
        guard let whole = digits(parts[0]), parts[0].utf8.count <= 9 else { return nil }
        var rest: Int64 = 0
        if parts.count == 2 {
            guard (1...9).contains(parts[1].utf8.count), let fraction = digits(parts[1]) else {
                return nil
            }
            rest = fraction
            for _ in parts[1].utf8.count..<9 { rest *= 10 }
        }
        return whole * 1_000_000_000 + rest
    }

    /// `12.5`, without zeros at its end.
    public static func text(_ amount: Int64) -> String {
        let (whole, rest) = amount.magnitude.quotientAndRemainder(dividingBy: 1_000_000_000)
        let sign = amount < 0 ? "-" : ""
        guard rest > 0 else { return "\(sign)\(whole)" }
        var digits = "\(rest)"
        digits = String(repeating: "0", count: 9 - digits.utf8.count) + digits
        while digits.last == "0" { digits.removeLast() }
        return "\(sign)\(whole).\(digits)"
    }

    /// To millionths, as older figures have it: to the nearest.
    public static func micro(_ amount: Int64) -> Int64 {
        let (whole, rest) = amount.quotientAndRemainder(dividingBy: 1_000)
        return whole + (rest >= 500 ? 1 : rest < -500 ? -1 : 0)
    }

    private static func digits(_ text: Substring) -> Int64? {
        guard !text.isEmpty, text.utf8.allSatisfy({ (0x30...0x39).contains($0) }) else {
            return nil
        }
        return Int64(text)
    }
}

extension Int64 {
    /// The sum, or the largest there is: an amount must not become small by growing.
    func addingClamped(_ other: Int64) -> Int64 {
        let (sum, isOver) = addingReportingOverflow(other)
        return isOver ? (other > 0 ? .max : .min) : sum
    }
}
