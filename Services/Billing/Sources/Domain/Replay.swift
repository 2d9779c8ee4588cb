/// One account's entries gone through again, from nothing to what is kept.
struct Replay {
    /// An entry and what its postings come to.
    struct Line {
        let id: Int64
        let kind: String
        let amount: Int64
        let balance: Int64
        /// Changes of the three books that an entry's amount can be read from.
        let available: Int64
        let held: Int64
        let spent: Int64
        let debits: Int64
        let credits: Int64

        /// What the amount should be, given the postings.
        var postedAmount: Int64 {
            switch Movement.Kind(rawValue: kind) {
            case .capture, .refund: 0 &- spent
            default: available
            }
        }
    }

    private let kept: Account
    private var available: Int64 = 0
    private var held: Int64 = 0
    private var granted: Int64 = 0
    /// The last entry's id.
    private(set) var last: Int64 = 0

    init(account: Account) { kept = account }

    // The sums wrap: what a damaged file holds must be told, not trapped on.
    mutating func add(_ line: Line, findings: inout Findings) {
        last = line.id
        available &+= line.available
        held &+= line.held
        if line.kind == Movement.Kind.grant.rawValue { granted &+= line.amount }
        let name = "entry \(line.id) of account \(kept.id)"
        if line.debits != line.credits {
            findings.add("\(name) debits \(line.debits) and credits \(line.credits)")
        }
        if line.amount != line.postedAmount {
            findings.add("\(name) says \(line.amount), its postings \(line.postedAmount)")
        }
        if line.balance != available {
            findings.add("\(name) keeps the balance \(line.balance), the replay \(available)")
        }
        if available < 0 && !kept.plan.isUnlimited || held < 0 {
            findings.add("\(name) leaves \(available) available and \(held) held")
        }
    }

    mutating func end(findings: inout Findings) {
        let name = "account \(kept.id)"
        if kept.available != available {
            findings.add("\(name) keeps \(kept.available) available, its entries \(available)")
        }
        if kept.held != held {
            findings.add("\(name) keeps \(kept.held) held, its entries \(held)")
        }
        if kept.granted != granted {
            findings.add("\(name) keeps \(kept.granted) granted, its entries \(granted)")
        }
    }
}
