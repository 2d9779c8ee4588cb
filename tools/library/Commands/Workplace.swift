import Console
import Curl
import EventLoop
import FoundationEssentials
import MeshContract
import ServiceKit

/// What every command works with: the environment, one loop, one HTTP client, and which stack.
struct Workplace: Sendable {
    static let stackFlags = ["data", "port", "preview-port"]

    let environment: [String: String]
    let loop: EventLoop
    let http: HTTPClient

    init(environment: [String: String]) {
        self.environment = environment
        loop = EventLoop()
        http = HTTPClient(on: loop)
    }

    func control(of plan: StackPlan) -> StackControl {
        StackControl(probe: ReadyProbe(http: client(of: plan), door: plan.door))
    }

    /// Over TLS, one that trusts the gateway's certificate and no other.
    func client(of plan: StackPlan) -> HTTPClient {
        guard let certificate = plan.door.certificate else { return http }
        var limits = HTTPClient.Limits()
        limits.trust = certificate
        return HTTPClient(on: loop, limits: limits)
    }

    /// The stack that the flags, a running supervisor, the environment and the folder's last
    /// supervisor name, in this order.
    func plan(_ arguments: Arguments) throws -> StackPlan {
        let folder = try arguments.value("data") ?? nonEmpty("ATELIER_DATA") ?? "data"
        guard !folder.isEmpty else { throw UsageError("--data needs a folder") }
        let data: DataFolder
        do {
            data = try DataFolder(folder)
        } catch {
            throw Refusal(error)
        }
        let lock = StackPlan.lockFile(in: data.path)
        let running = SupervisorLock.holder(lock)
        let ports = 1...65_535
        let port =
            try arguments.integer("port", in: ports) ?? running?.port
            ?? environmentPort("ATELIER_PORT") ?? SupervisorLock.last(lock)?.port
            ?? StackPlan.defaultPort
        let preview =
            try arguments.integer("preview-port", in: ports)
            ?? environmentPort("ATELIER_PREVIEW_PORT") ?? StackPlan.previewPort(for: port)
        guard preview != port else { throw UsageError("the two ports must differ") }
        return StackPlan(
            data: data, port: port,
            door: try GatewayDoor(
                data: data, environment: environment, isRunning: running != nil),
            previewPort: preview, programs: StackPlan.ownFolder(), environment: environment)
    }

    func nonEmpty(_ name: String) -> String? {
        environment[name].flatMap { $0.isEmpty ? nil : $0 }
    }

    private func environmentPort(_ name: String) throws(UsageError) -> Int? {
        guard let text = nonEmpty(name) else { return nil }
        guard let port = Int(text), (1...65_535).contains(port) else {
            throw UsageError("\(name) takes a port from 1 to 65535, not \"\(text)\"")
        }
        return port
    }
}
