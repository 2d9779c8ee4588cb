import Contracts
import Mesh
import MeshContract
import REST
import Synchronization

/// Who may do what with a run that belongs to a workspace: the one place that says so.
///
/// The orchestrator lets a run's user do everything and tells everybody else that there is no such
/// run. A member of its workspace therefore acts as its user, once their role has been looked at; a
/// viewer only looks. Who is in no such workspace is nobody to the run, also who made it and left.
struct RunAccess: Sendable {
    /// Beginnings of paths that name a run.
    private static let paths = ["/runs/{id}", "/sessions/{id}"]

    let workspaces: WorkspaceStore
    let mesh: MeshClient
    let audit: AuditLog
    let watches = SharedWatches()
    private let places = RunPlaces()

    init(workspaces: WorkspaceStore, mesh: MeshClient, audit: AuditLog) {
        (self.workspaces, self.mesh, self.audit) = (workspaces, mesh, audit)
    }

    /// Who a request for an endpoint acts as.
    nonisolated(nonsending) func acting(
        _ identity: Identity, at endpoint: Endpoint, _ parameters: [String: String], by doer: Doer
    ) async throws -> Identity {
        guard Self.paths.contains(where: endpoint.path.hasPrefix), let run = parameters["id"] else {
            return identity
        }
        let isChange = endpoint.method != "GET"
        let user = try await user(for: identity.user, of: run, isChange: isChange)
        guard user != identity.user else { return identity }
        if isChange {
            await audit.note(
                .runChange, by: doer.known(as: identity.user), target: run,
                detail: "\(endpoint.method) \(endpoint.path)")
        }
        return identity.acting(as: user)
    }

    /// The user that somebody acts as on a run: its own for a member who may; themselves where it
    /// belongs to no workspace, and the orchestrator judges. Throws `not-found` outside of the run's
    /// workspace, `denied` for a change by a viewer.
    nonisolated(nonsending) func user(
        for user: String, of run: String, isChange: Bool
    ) async throws -> String {
        guard let place = try await place(of: run), let workspace = place.workspace else {
            return user
        }
        let standing = try await workspaces.standing(of: user, in: workspace)
        guard standing.isThere else { return user }
        guard let role = standing.role else { throw Self.noRun(run) }
        guard role.mayControlRuns || !isChange else {
            throw Fault(.denied, "a viewer of the workspace only looks")
        }
        // It would be charged to nobody.
        if isChange, user != place.user, try await !workspaces.isThere(account: place.user) {
            throw Fault(
                .conflict, "who made this run has no account any more: it can be read, not changed")
        }
        return place.user
    }

    /// What is to be held while a person watches a run as `user`, whose `end` is called when they may
    /// not any more; nil for a run of no workspace.
    nonisolated(nonsending) func pass(
        to run: String, for person: String, as user: String, end: @escaping @Sendable () -> Void
    ) async throws -> WatchPass? {
        guard let workspace = try await place(of: run)?.workspace else { return nil }
        let pass = watches.enter(workspace, person, end: end)
        // Who was taken out just before, or whose workspace has gone, is told so now.
        guard try await self.user(for: person, of: run, isChange: false) == user else {
            throw Self.noRun(run)
        }
        return pass
    }

    /// Word for word as the orchestrator says it.
    static func noRun(_ id: String) -> Fault { Fault(.notFound, "no run \(id.prefix(100))") }

    /// nil for no run at all.
    private nonisolated(nonsending) func place(
        of run: String
    ) async throws -> Orchestrator.RunPlace? {
        if let known = places.find(run) { return known }
        do throws(Fault) {
            let place = try await mesh.call(Orchestrator.LocateRun(id: run))
            places.keep(place, of: run)
            return place
        } catch {
            guard error.code == .notFound else { throw error }
            return nil
        }
    }
}

/// Where runs belong, which does not change; a workspace that is gone is looked for each time.
final class RunPlaces: Sendable {
    private static let most = 16_384

    private let places = Mutex<[String: Orchestrator.RunPlace]>([:])

    func find(_ run: String) -> Orchestrator.RunPlace? { places.withLock { $0[run] } }

    func keep(_ place: Orchestrator.RunPlace, of run: String) {
        places.withLock { places in
            if places.count >= Self.most { places.removeAll(keepingCapacity: true) }
            places[run] = place
        }
    }
}

extension Identity {
    /// The same credentials on behalf of somebody else, whose run it is.
    func acting(as user: String) -> Identity {
        Identity(user: user, role: role, key: key, scopes: scopes, signIn: signIn, person: person)
    }
}
