import FoundationEssentials
import Glibc
import ServiceKit

/// Services that outlived a supervisor which was killed: they are found by their `run/*.pid` files,
/// and ended, before a stack starts anew.
struct Leftovers: Sendable {
    let plan: StackPlan

    /// Ends them all: asked first, and killed after `patience`. Answers with their names.
    func end(patience: Duration = .seconds(5)) async -> [String] {
        let found = StackPlan.services.reversed().compactMap { service in
            process(of: service).map { (service, $0) }
        }
        for (_, process) in found { kill(process, SIGTERM) }
        let deadline = ContinuousClock.now + patience
        while found.contains(where: { isService($0.0, $0.1) }), ContinuousClock.now < deadline {
            guard (try? await Task.sleep(for: .milliseconds(10))) != nil else { break }
        }
        for (service, process) in found where isService(service, process) {
            kill(-process, SIGKILL)
        }
        for service in StackPlan.services { unlink(plan.processFile(service)) }
        return found.map(\.0)
    }

    private func process(of service: String) -> pid_t? {
        guard let bytes = try? Data(contentsOf: URL(filePath: plan.processFile(service))),
            let number = pid_t(String(decoding: bytes.prefix { $0 != 10 }, as: UTF8.self)),
            number > 1, isService(service, number)
        else { return nil }
        return number
    }

    /// A number may belong to somebody else by now: only the service of this very folder counts.
    private func isService(_ service: String, _ process: pid_t) -> Bool {
        guard let bytes = try? Data(contentsOf: URL(filePath: "/proc/\(process)/cmdline")) else {
            return false
        }
        let words = bytes.split(separator: 0).map { String(decoding: $0, as: UTF8.self) }
        return words.prefix(2).contains { $0.hasSuffix("/atelier-\(service)") }
            && words.contains(plan.data.path)
    }
}
