import FoundationEssentials
import StackDriver

/// A provider whose credit is used up: what it is asked fails for good.
struct FailingProvider {
    private let program: BackgroundProgram

    var url: String { "http://127.0.0.1:\(program.firstLine)/v1" }

    static func start() async throws -> FailingProvider {
        let root = URL(filePath: #filePath).deletingLastPathComponent()
            .deletingLastPathComponent().deletingLastPathComponent().deletingLastPathComponent()
        return FailingProvider(
            program: try await BackgroundProgram.start(
                "/usr/bin/env",
                ["python3", root.path + "/Tests/Conformance/fake_providers.py"],
                environment: ProcessInfo.processInfo.environment))
    }
}
