import Curl
import EventLoop

/// Asks a stack's gateway whether it is ready for work.
struct ReadyProbe: Sendable {
    let http: HTTPClient

    func isReady(port: Int) async -> Bool {
        let request = ClientRequest(
            url: "http://127.0.0.1:\(port)/ready", connectTimeout: .seconds(1),
            deadline: .seconds(2), maxBody: 1 << 20)
        // No answer is an answer here: not yet.
        return (try? await http.send(request))?.status == 200
    }

    /// Waits until it is ready; false when `patience` is over or `goesOn` says that it never will.
    func wait(
        port: Int, patience: Duration, while goesOn: () async -> Bool = { true }
    ) async -> Bool {
        let deadline = ContinuousClock.now + patience
        var pause = Duration.milliseconds(10)
        while await !isReady(port: port) {
            guard await goesOn(), ContinuousClock.now < deadline, !Task.isCancelled,
                (try? await Task.sleep(for: pause)) != nil
            else { return false }
            pause = min(pause * 2, .milliseconds(100))
        }
        return true
    }
}
