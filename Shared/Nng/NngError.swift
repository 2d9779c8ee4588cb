import CNng

/// What libnng refused, and what was attempted.
public struct NngError: Error, Sendable, Equatable, CustomStringConvertible {
    public let code: Int32
    public let doing: String

    public var description: String { "\(doing): \(String(cString: nng_strerror(code)))" }

    static func check(_ code: Int32, _ doing: @autoclosure () -> String) throws(NngError) {
        guard code != 0 else { return }
        throw NngError(code: code, doing: doing())
    }
}
