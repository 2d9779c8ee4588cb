import Contracts
import EventLoop
import Mesh
import MeshContract

extension ProvidersNode {
    func serve(_ request: Providers.Serve, _ call: Call) async throws -> Providers.ServedAnswer {
        try await desk.serve(request, call)
    }

    func readServed(
        _ request: Providers.ReadServed, _ call: Call
    ) async throws -> Providers.ServedPiece {
        let stream = try served.find(request.id)
        let patience = max(call.time - .milliseconds(100), .zero)
        let asked = Duration.milliseconds(min(max(request.waitMilliseconds, 0), Self.longestWait))
        let piece = try await desk.readOn(
            stream, from: request.offset,
            until: monotonic() &+ min(asked, patience).nanoseconds)
        return Providers.ServedPiece(body: piece.bytes, isEnded: piece.isEnded)
    }

    func cancelServed(_ request: Providers.CancelServed, _ call: Call) async throws -> Done {
        // One that is not there any more needs no giving up.
        try? served.find(request.id).interrupt(.gone)
        return Done()
    }
}
