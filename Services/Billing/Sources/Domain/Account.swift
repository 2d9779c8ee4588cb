import MeshContract

/// What an account has, and the rules by which that changes. Each change answers with the movement
/// that the ledger then records.
struct Account: Sendable, Equatable {
    let id: String
    let plan: Plan
    /// Posted less held. Only an unlimited account's may be below zero: it then says what was used.
    var available: Int64
    var held: Int64
    /// All that was ever granted.
    var granted: Int64
    /// The last month whose allocation was given; empty before the first.
    var allocatedMonth: String

    /// Gives the plan's credits for a month, unless that month or a later one had them.
    mutating func allocate(_ month: Month, by terms: Terms) throws(Fault) -> Movement? {
        let amount = terms.monthly(for: plan)
        guard amount > 0, allocatedMonth < month.name else { return nil }
        allocatedMonth = month.name
        return try grant(amount, key: Allocation.key(account: id, month: month))
    }

    mutating func grant(_ amount: Int64, key: String) throws(Fault) -> Movement {
        granted = try bounded(granted + amount)
        available = try bounded(available + amount)
        return Movement(.grant, amount: amount, key: key, from: [(.issued, amount)], to: .available)
    }

    /// Sets credits aside, all or nothing.
    mutating func hold(_ amount: Int64, for run: String) throws(Fault) -> Movement {
        guard plan.isUnlimited || available >= amount else {
            throw Fault(
                .noCredits,
                "the run needs \(Credits.text(amount)) credits"
                    + " and the account has \(Credits.text(available))")
        }
        available = try bounded(available - amount)
        held = try bounded(held + amount)
        return Movement(
            .hold, amount: -amount, run: run, key: run, from: [(.available, amount)], to: .held)
    }

    /// Takes from the hold first, and past it from what is available; what cannot be taken is the
    /// hold's shortfall. Answers with what was taken, and no movement for nothing.
    mutating func capture(
        _ amount: Int64, from hold: inout RunHold, key: String
    ) throws(Fault) -> (taken: Int64, movement: Movement?) {
        guard hold.isOpen else {
            throw Fault(.conflict, "the hold of run \(hold.run) is \(hold.state.rawValue)")
        }
        let fromHold = min(amount, hold.remaining)
        let beyond = plan.isUnlimited ? amount - fromHold : min(amount - fromHold, available)
        let taken = fromHold + beyond
        held -= fromHold
        available = try bounded(available - beyond)
        hold.remaining -= fromHold
        hold.captured = try bounded(hold.captured + taken)
        hold.shortfall = amount - taken
        guard taken > 0 else { return (0, nil) }
        return (
            taken,
            Movement(
                .capture, amount: -taken, run: hold.run, key: key,
                from: [(.held, fromHold), (.available, beyond)], to: .spent)
        )
    }

    /// Ends a hold and frees what is left of it. No movement when nothing was, or it had ended.
    mutating func release(_ hold: inout RunHold, as state: RunHold.State) throws(Fault) -> Movement?
    {
        guard hold.isOpen else { return nil }
        let freed = hold.remaining
        (hold.state, hold.remaining) = (state, 0)
        held -= freed
        available = try bounded(available + freed)
        guard freed > 0 else { return nil }
        return Movement(
            .release, amount: freed, run: hold.run, key: hold.run, from: [(.held, freed)],
            to: .available)
    }

    private func bounded(_ sum: Int64) throws(Fault) -> Int64 {
        guard sum.magnitude <= Credits.ceiling.magnitude else {
            throw Fault(.conflict, "the account cannot come to that many credits")
        }
        return sum
    }
}
