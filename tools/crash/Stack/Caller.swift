import Contracts
import Curl
import EventLoop
import FoundationEssentials
import Mesh
import MeshContract
import ServiceKit
import StackDriver
import Wire

/// Somebody who asks things of a stack whose services die under their hands, and asks again.
struct Caller: Sendable {
    /// Longer than any service may be away.
    static let patience = Duration.seconds(60)
    /// What a gateway says of services that are away.
    private static let passing = [429, 502, 503, 504]

    let http: StackClient
    let mesh: MeshClient
    let user: String
    let folder: String

    /// Waits until the stack answers.
    static func reach(_ crew: Crew) async throws -> Caller {
        let mesh = MeshClient(
            SocketTransport(
                try DataFolder(crew.folder).directory([:], as: "gateway"), on: EventLoop()),
            as: "gateway")
        let deadline = ContinuousClock.now + patience
        while true {
            do {
                let file = URL(filePath: crew.folder + "/owner.token")
                let token = String(decoding: try Data(contentsOf: file), as: UTF8.self)
                let http = StackClient(url: crew.url, token: token)
                let session = try await http.send(
                    "POST", "/api/v1/sessions", ["draft": "Who am I?", "max_rounds": 1])
                let id = session["id"]?.text ?? ""
                let user = try Books.owner(of: id, in: crew.folder)
                return Caller(http: http, mesh: mesh, user: user, folder: crew.folder)
            } catch {
                guard ContinuousClock.now < deadline else {
                    throw Failure("the stack does not answer: \(error)")
                }
                try await Task.sleep(for: .milliseconds(50))
            }
        }
    }

    /// Sends until it is answered. A status in `settled` is an answer too, and gives nil.
    func send(
        _ method: String, _ path: String, _ body: WireValue? = nil, key: String? = nil,
        settled: Set<Int> = []
    ) async throws -> WireValue? {
        let headers = key.map { [("Idempotency-Key", $0)] } ?? []
        return try await patiently("\(method) \(path)") {
            do {
                return try await http.send(method, "/api/v1" + path, body, headers: headers)
            } catch {
                guard let answer = error as? StackClient.Unexpected else { throw error }
                if settled.contains(answer.status) { return nil }
                if Self.passing.contains(answer.status) { throw Away() }
                throw answer
            }
        }
    }

    /// Calls a service directly, as the gateway does.
    func call<M: MeshMethod>(_ request: M) async throws -> M.Reply {
        try await patiently(M.name) {
            do {
                return try await mesh.call(request)
            } catch {
                guard let fault = error as? Fault, fault.isTransient else { throw error }
                throw Away()
            }
        }
    }

    /// All items of a list.
    func items(_ path: String) async throws -> [WireValue] {
        guard case .array(let items)? = try await send("GET", path)?["items"] else { return [] }
        return items
    }

    /// How often a run has begun.
    func life(of run: String) throws -> Int64 { try Books.life(of: run, in: folder) }

    struct Away: Error {}

    private func patiently<T>(_ what: String, _ body: () async throws -> T) async throws -> T {
        let deadline = ContinuousClock.now + Self.patience
        while true {
            do {
                return try await body()
            } catch {
                guard error is Away || error is HTTPClientError else { throw error }
                guard ContinuousClock.now < deadline else {
                    throw Failure("\(what) has not been answered in \(Self.patience): \(error)")
                }
            }
            try await Task.sleep(for: .milliseconds(20))
        }
    }
}

extension WireValue {
    var text: String? { if case .text(let text) = self { text } else { nil } }
    var number: Int64? { if case .integer(let number) = self { number } else { nil } }
}
