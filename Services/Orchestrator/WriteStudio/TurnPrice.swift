public import Contracts

/// What a turn costs: list price, and never less than the turn fee.
public enum TurnPrice {
    /// Thousandths of a credit for every agent's turn.
    public static let fee: Int64 = 100

    /// A credit is a US cent, so ten millionths of a dollar are a thousandth of a credit. Rounded up:
    /// a price is never lost to rounding.
    public static func thousandths(costMicroUSD: Int64?) -> Int64 {
        let cost = max(costMicroUSD ?? 0, 0)
        return max(fee, cost / 10 + (cost % 10 == 0 ? 0 : 1))
    }

    /// What the user pays the provider for with a key of his own is not charged again.
    public static func thousandths(of usage: Providers.Usage) -> Int64 {
        thousandths(costMicroUSD: usage.isOwnKey == true ? nil : usage.costMicroUSD)
    }

    /// What is set aside before a run: the fee of every turn there can be. What a model costs above
    /// it is taken as it is used.
    public static func hold(turns: Int) -> Int64 {
        fee * Int64(turns)
    }
}
