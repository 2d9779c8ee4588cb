import Curl
import EventLoop
import FoundationEssentials

/// Asks a stack's gateway whether it is ready for work.
struct ReadyProbe: Sendable {
    private struct Answer: Decodable { var instance: String? }

    let http: HTTPClient
    var door = GatewayDoor.open

    /// With the data folder of a stack, only that stack is meant: another one on the same port is
    /// not, however ready it is.
    func isReady(port: Int, in folder: String? = nil) async -> Bool {
        let request = ClientRequest(
            url: door.address(port) + "/ready", connectTimeout: .seconds(1),
            deadline: .seconds(2), maxBody: 1 << 20)
        // No answer is an answer here: not yet.
        guard let answer = try? await http.send(request), answer.status == 200 else { return false }
        return folder.map { Self.isOurs(answer.body, $0) } ?? true
    }

    /// What names no instance is no gateway that could be told from another.
    private static func isOurs(_ body: [UInt8], _ folder: String) -> Bool {
        let known = try? JSONDecoder().decode(Answer.self, from: Data(body))
        guard let instance = known?.instance else { return true }
        let bytes = try? Data(contentsOf: URL(filePath: folder + "/run/instance"))
        return bytes.map { String(decoding: $0, as: UTF8.self) } == instance
    }

    /// Waits until it is ready; false when `patience` is over or `goesOn` says that it never will.
    func wait(
        port: Int, in folder: String? = nil, patience: Duration,
        while goesOn: () async -> Bool = { true }
    ) async -> Bool {
        let deadline = ContinuousClock.now + patience
        var pause = Duration.milliseconds(10)
        while await !isReady(port: port, in: folder) {
            guard await goesOn(), ContinuousClock.now < deadline, !Task.isCancelled,
                (try? await Task.sleep(for: pause)) != nil
            else { return false }
            pause = min(pause * 2, .milliseconds(100))
        }
        return true
    }
}
