import Outside

/// When an e-mail that could not be sent is tried again. Pure, so that it is tested without waiting.
struct MailRule: Sendable {
    /// The first pause.
    let base: Duration

    private static let factors = [1, 6, 24, 120, 360, 720, 1_440, 2_880]
    /// The provider forgets keys after a day: nothing is tried so late that it might go out twice.
    private static let life = Resend.keyLife - .seconds(1_800)

    /// What follows from a failure of attempt `attempt`, the first being 1.
    func outcome(
        of failure: OutsideFailure, attempt: Int, createdAt: Int64, now: Int64, chance: Double
    ) -> MailStore.Outcome {
        let error = failure.description
        guard failure.isRetryable, attempt <= Self.factors.count else {
            return .failed(error: error)
        }
        let usual = base * Self.factors[attempt - 1]
        let asked = failure.retryAfter ?? .zero
        let next = now + milliseconds(max(usual * (0.9 + chance * 0.2), asked))
        guard next < createdAt + milliseconds(Self.life) else { return .failed(error: error) }
        return .later(at: next, error: error)
    }

    private func milliseconds(_ time: Duration) -> Int64 {
        time.components.seconds * 1_000 + time.components.attoseconds / 1_000_000_000_000_000
    }
}
