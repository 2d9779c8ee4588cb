/// What an account may use.
enum Plan: String, Sendable, CaseIterable {
    case free, starter, pro, owner

    /// Never refused; what it uses is recorded all the same.
    var isUnlimited: Bool { self == .pro || self == .owner }
}
