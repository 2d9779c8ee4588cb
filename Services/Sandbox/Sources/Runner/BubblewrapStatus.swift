import Glibc

/// What bubblewrap tells through `--json-status-fd`: two flat objects with a few numbers.
struct BubblewrapStatus {
    private static let limit = 4_096

    private var text = ""

    mutating func append(_ bytes: some Collection<UInt8>) {
        text += String(decoding: bytes.prefix(Self.limit - text.utf8.count), as: UTF8.self)
    }

    /// Process 1 of the sandbox, as the host counts.
    var child: pid_t? { number("child-pid").flatMap { pid_t(exactly: $0) } }

    /// Told only when the command had begun.
    var exitCode: Int? { number("exit-code") }

    private func number(_ name: String) -> Int? {
        // The comma or brace after it must be there, or the number may not be whole.
        guard let at = text.firstRange(of: "\"\(name)\":") else { return nil }
        let rest = text[at.upperBound...].drop { $0 == " " }
        let digits = rest.prefix { $0.isNumber }
        return digits.endIndex < rest.endIndex ? Int(digits) : nil
    }
}
