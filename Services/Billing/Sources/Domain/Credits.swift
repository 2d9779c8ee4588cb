/// Amounts of credits: integers of a thousandth, so that nothing is ever rounded.
enum Credits {
    static let one: Int64 = 1_000
    /// The most that one request may name: a thousand million credits.
    static let most: Int64 = 1_000_000_000_000
    /// The most that an account may come to, either way; far enough from the end of 64 bits that
    /// no sum below overflows.
    static let ceiling: Int64 = 4_000_000_000_000_000_000

    /// `12.5`: credits with one to three decimals, for a person to read.
    static func text(_ amount: Int64) -> String {
        let (whole, rest) = amount.magnitude.quotientAndRemainder(dividingBy: 1_000)
        var decimals = String(1_000 + rest).dropFirst()
        while decimals.count > 1, decimals.last == "0" { decimals = decimals.dropLast() }
        return "\(amount < 0 ? "-" : "")\(whole).\(decimals)"
    }
}
