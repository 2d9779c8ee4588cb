import Contracts
import Durable
import Mesh
import MeshContract

/// Pays for one answer, once, whichever life of a run has asked for it.
///
/// A life that failed at paying may have paid a part of it, from a hold of its own: what was taken stays
/// taken, and only the rest is asked of this one.
struct Payment: Sendable {
    let mesh: MeshClient
    /// Under what this life of the run holds credits.
    let hold: String
    /// The lives before it, the oldest first.
    let earlier: [String]
    /// The life that has asked for the answer.
    let asker: String

    /// Takes the price under the answer's own key, so that it acts once. What is missing is a failure
    /// after which the answer still stands.
    func take(
        _ price: Int64, for stream: Providers.StreamInfo, in step: Step
    ) async throws {
        let note =
            stream.isOffline
            ? "offline provider, no model: the turn fee"
            : String("\(stream.provider)/\(stream.model)".prefix(60))
        do throws(Fault) {
            let rest = try await unpaid(price, stream.key, step)
            guard rest > 0 else { return }
            let key = asker == hold ? stream.key : step.key
            let state = try await mesh.call(
                Billing.Capture(run: hold, amount: rest, key: key, note: note))
            step.spend(rest - state.shortfall)
            guard state.shortfall == 0 else {
                throw Fault(
                    .noCredits, "the credits are used up",
                    detail: "\(Double(state.shortfall) / 1_000) credits are missing for this turn")
            }
        } catch {
            throw PaymentFailure(fault: error)
        }
    }

    /// What the lives before this one have left to pay. Their holds have ended: asked again under its
    /// key, a capture only tells what it took.
    private func unpaid(
        _ price: Int64, _ key: String, _ step: Step
    ) async throws(Fault) -> Int64 {
        var rest = price
        for life in earlier.drop(while: { $0 != asker }) where rest > 0 {
            let key = life == asker ? key : "\(life)/\(step.path)"
            do throws(Fault) {
                let state = try await mesh.call(Billing.Capture(run: life, amount: rest, key: key))
                // It took all and did not get to say so: that is not on the run's bill yet.
                if state.shortfall == 0 { step.spend(rest) }
                rest = state.shortfall
            } catch {
                // It has taken nothing, and cannot any more.
                guard error.code == .conflict || error.code == .notFound else { throw error }
            }
        }
        return rest
    }
}
