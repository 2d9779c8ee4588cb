public import Refinement

/// Where a person's acts on a session lie until its run takes them in.
///
/// They outlive every process by themselves: the run reads them in a step, so what it has read stands
/// in its journal, and what it has not read waits.
public protocol Desk: Sendable {
    /// The acts of a run after a number, in order.
    func acts(on run: String, after number: Int64) async throws -> [PersonAct]

    /// The same; where there is none the desk is closed in that moment, and whatever comes later is
    /// known to come after the run.
    func close(_ run: String, after number: Int64) async throws -> [PersonAct]
}
