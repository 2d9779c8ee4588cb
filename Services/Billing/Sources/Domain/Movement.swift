/// Where an account's credits can be. What is available and what is held belong to the account;
/// the other two are where credits come from and where they go.
enum Book: String, Sendable {
    case available, held, issued, spent
}

/// One line of the double entry: a credit adds to a book, a debit takes from it.
struct Posting: Sendable, Equatable {
    let book: Book
    let debit: Int64
    let credit: Int64
}

/// One entry before it is written: what happened, and its postings, which always balance.
struct Movement: Sendable, Equatable {
    enum Kind: String, Sendable {
        case grant, hold, capture, release, refund, correction
    }

    let kind: Kind
    /// Signed, from the account's side: what was given, set aside, charged or freed.
    let amount: Int64
    let run: String?
    let key: String
    /// What it was for, in words.
    var note: String?
    let postings: [Posting]

    /// Moves what is above zero from the named books to one.
    init(
        _ kind: Kind, amount: Int64, run: String? = nil, key: String,
        from sources: [(Book, Int64)], to target: Book
    ) {
        (self.kind, self.amount, self.run, self.key) = (kind, amount, run, key)
        let debits = sources.filter { $0.1 > 0 }
        let total = debits.reduce(0) { $0 + $1.1 }
        postings =
            debits.map { Posting(book: $0.0, debit: $0.1, credit: 0) }
            + [Posting(book: target, debit: 0, credit: total)]
    }
}
