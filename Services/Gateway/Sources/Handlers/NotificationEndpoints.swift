import MeshContract
import REST

/// `/notifications`: what a user wants to be told of, and how.
struct NotificationEndpoints: Sendable {
    struct Ways: Codable, Sendable {
        var inApp: Bool
        var email: Bool
    }

    struct Wishes: Codable, Sendable {
        var gateWaiting: Ways
        var runCompleted: Ways
        var runFailed: Ways
        var experimentWinner: Ways
        var creditsLow: Ways
    }

    let store: AccountStore

    var all: [Endpoint] {
        [
            .get("/notifications", "Shows what the user wants to be told of, and how", show),
            .put(
                "/notifications",
                "Says what the user wants to be told of, and how: see /notices. Nothing tells of an "
                    + "experiment_winner yet, for there are no experiments",
                bodyLimit: 4_096, Wishes.self, change),
        ]
    }

    @Sendable private func show(_ incoming: Incoming) async throws -> Wishes {
        let kept = try await store.wishes(of: incoming.identity.user)
        func ways(_ kind: String) -> Ways {
            let wish = kept.first { $0.kind == kind } ?? .init(kind: kind)
            return Ways(inApp: wish.inApp, email: wish.email)
        }
        return Wishes(
            gateWaiting: ways("gate_waiting"), runCompleted: ways("run_completed"),
            runFailed: ways("run_failed"), experimentWinner: ways("experiment_winner"),
            creditsLow: ways("credits_low"))
    }

    @Sendable private func change(_ body: Wishes, _ incoming: Incoming) async throws -> Wishes {
        let all = [
            ("gate_waiting", body.gateWaiting), ("run_completed", body.runCompleted),
            ("run_failed", body.runFailed), ("experiment_winner", body.experimentWinner),
            ("credits_low", body.creditsLow),
        ]
        try await store.set(
            all.map { .init(kind: $0.0, inApp: $0.1.inApp, email: $0.1.email) },
            of: incoming.identity.user)
        return body
    }
}
