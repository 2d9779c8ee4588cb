public import Console
import Glibc
public import MeshContract

/// Why a command did not do what it was asked, in words for the person, with its exit code.
public struct Refusal: Error, Sendable, Equatable, CustomStringConvertible {
    public let description: String
    public let code: ExitCode

    public init(_ code: ExitCode, _ description: String) {
        (self.code, self.description) = (code, description)
    }

    public init(_ fault: Fault) { self.init(ExitCode(fault), fault.description) }
}

/// What the system says of the failure that just happened.
func systemReason() -> String { String(cString: strerror(errno)) }
