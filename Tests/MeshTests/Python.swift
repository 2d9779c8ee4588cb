import FoundationEssentials
import Testing

/// Runs the Python programs of `Tests/Conformance`. The interpreter is `ATELIER_PYTHON`, the one that
/// `tools/conformance` has made, or `python3`.
enum Python {
    /// Asked on a thread of its own, for it blocks.
    @Sendable static func hasPynng() async -> Bool {
        let asked = try? await Program.run([interpreter, "-c", "import pynng, cbor2"])
        return asked?.code == 0
    }

    /// The same of what signs calls.
    @Sendable static func canSign() async -> Bool {
        let asked = try? await Program.run([interpreter, "-c", "import pynng, cbor2, cryptography"])
        return asked?.code == 0
    }

    static func run(
        _ script: String = "mesh_interop.py", arguments: [String]
    ) async throws -> (code: Int32, output: String) {
        try await Program.run(
            [interpreter, "\(Program.tests)/Conformance/\(script)"] + arguments)
    }

    private static var interpreter: String {
        if let named = ProcessInfo.processInfo.environment["ATELIER_PYTHON"] { return named }
        let ours = "\(Program.tests)/../.venv/bin/python"
        return FileManager.default.isExecutableFile(atPath: ours) ? ours : "python3"
    }
}
