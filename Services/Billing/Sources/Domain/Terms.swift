/// What the plans give, and how long a hold lasts.
struct Terms: Sendable {
    var free: Int64
    var starter: Int64
    var holdDays: Int

    /// Thousandths of a credit for each calendar month; 0 where the plan has none.
    func monthly(for plan: Plan) -> Int64 {
        switch plan {
        case .free: free
        case .starter: starter
        case .pro, .owner: 0
        }
    }

    func holdEnd(from now: Int64) -> Int64 { now + Int64(holdDays) * 86_400_000 }
}

/// A plan's grant for one month.
enum Allocation {
    static let prefix = "allocation:"

    static func key(account: String, month: Month) -> String {
        "\(prefix)\(account):\(month.name)"
    }
}
