import Contracts
import REST

/// Something that a user is told: shown in the page, sent as an e-mail, or both.
struct Notice: Sendable, Equatable {
    /// What a user may want to be told of, by the names that `/notifications` has.
    enum Kind: String, Sendable, CaseIterable {
        case gateWaiting = "gate_waiting"
        case runCompleted = "run_completed"
        case runFailed = "run_failed"
        case experimentWinner = "experiment_winner"
        case creditsLow = "credits_low"
    }

    /// What is to be told, before it is anybody's.
    struct Draft: Sendable, Equatable {
        var kind: Kind
        var run: String?
        var workspace: String?
        /// One line.
        var title: String
        var text: String
        /// Wall milliseconds.
        var at: Int64
    }

    /// What became of it as an e-mail.
    enum Email: String, Sendable {
        /// It is none.
        case none
        case waiting, sent, failed
        /// There were too many of them.
        case limited
    }

    var id: String
    var kind: String
    var run: String?
    var title: String
    var text: String
    var at: Int64
    var readAt: Int64?
    var email: String
}

extension Notice.Draft {
    private static let longestTitle = 200
    private static let longestText = 500

    /// nil for a kind that is not known here: the orchestrator may be newer.
    init?(_ entry: Orchestrator.Noteworthy) {
        let isNamed = entry.title.contains { !$0.isWhitespace }
        let title = isNamed ? entry.title : "a run without a title"
        let (kind, verb, text): (Notice.Kind, String, String)
        switch entry.kind {
        case "gate_waiting":
            (kind, verb) = (.gateWaiting, "Waiting for you")
            text = entry.detail ?? "Somebody has to decide how it goes on."
        case "run_completed":
            (kind, verb, text) = (.runCompleted, "Completed", "The run has come to its end.")
        case "run_failed":
            (kind, verb, text) = (.runFailed, "Failed", entry.detail ?? "It does not say why.")
        case "run_attention":
            (kind, verb) = (.runFailed, "Needs attention")
            text = "It cannot go on by itself: \(entry.detail ?? "it does not say why.")"
        default: return nil
        }
        self.init(
            kind: kind, run: entry.run, workspace: entry.workspace,
            title: PlainText.line("\(verb): \(title)", atMost: Self.longestTitle),
            text: PlainText.lines(text, atMost: Self.longestText), at: entry.at)
    }

    /// nil where there is enough, or where no plan gives any. What is set aside for runs under way counts
    /// as there: each that ends is looked at again.
    init?(_ status: Billing.Status, at now: Int64) {
        guard !status.isUnlimited, let monthly = status.monthly, monthly > 0,
            let renewsAt = status.renewsAt
        else { return nil }
        let left = status.available + status.held
        guard left * 10 < monthly else { return nil }
        self.init(
            kind: .creditsLow, title: "Credits are low",
            text: """
                \(Self.credits(left)) credits are left, of \(Self.credits(monthly)) a month. The \
                next come on \(rfc3339(renewsAt).prefix(10)).
                """, at: now)
    }

    /// `12.5`: thousandths as a person reads them.
    private static func credits(_ amount: Int64) -> String {
        let (whole, rest) = amount.magnitude.quotientAndRemainder(dividingBy: 1_000)
        var decimals = String(1_000 + rest).dropFirst()
        while decimals.last == "0" { decimals = decimals.dropLast() }
        return (amount < 0 ? "-" : "") + "\(whole)" + (decimals.isEmpty ? "" : ".\(decimals)")
    }
}
