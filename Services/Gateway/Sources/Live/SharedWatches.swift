/// Streams of runs that are shared in a workspace, so that they end for who is taken out of it.
struct SharedWatches: Sendable {
    private struct Seat: Hashable {
        let workspace: String
        let person: String
    }

    private let watches = Watches<Seat>()

    /// `end` is called when this person may not watch any more.
    func enter(
        _ workspace: String, _ person: String, end: @escaping @Sendable () -> Void
    ) -> WatchPass {
        watches.enter(Seat(workspace: workspace, person: person), end: end)
    }

    /// Ends what a person watches of a workspace; everybody's for nil.
    func end(_ workspace: String, _ person: String? = nil) {
        for seat in watches.keys
        where seat.workspace == workspace && (person == nil || seat.person == person) {
            watches.end(seat)
        }
    }
}
