import Contracts
import MeshContract

/// A request that may be executed: checked, with its limits settled.
struct Order: Sendable {
    static let maxArguments = 256
    static let maxCommandBytes = 64 << 10
    static let maxInputBytes = 1 << 20
    static let maxFiles = 64
    static let maxFileBytes = 8 << 20
    static let maxKeyBytes = 200

    let command: [String]
    let input: String
    let files: [Sandbox.File]
    let limits: Limits
    let key: String

    init(
        command: [String], input: String = "", files: [Sandbox.File] = [], limits: Limits,
        key: String
    ) {
        (self.command, self.input, self.files) = (command, input, files)
        (self.limits, self.key) = (limits, key)
    }

    /// Refuses, with every field that is at fault, what cannot be executed.
    init(_ request: Sandbox.Execute, within allowance: Allowance) throws(Fault) {
        var faults: [FieldFault] = []
        func refuse(_ pointer: String, _ message: String) {
            faults.append(FieldFault(pointer, message))
        }
        Self.check(command: request.command, refuse)
        if request.input?.utf8.count ?? 0 > Self.maxInputBytes {
            refuse("/input", "has more than \(Self.maxInputBytes) bytes")
        }
        Self.check(files: request.files ?? [], refuse)
        let limits = allowance.limits(for: request, refuse: refuse)
        if request.key.isEmpty || request.key.utf8.count > Self.maxKeyBytes {
            refuse("/key", "has from 1 to \(Self.maxKeyBytes) bytes")
        }
        guard faults.isEmpty else {
            throw Fault(.invalid, "the command cannot be executed", fields: faults)
        }
        self.init(
            command: request.command, input: request.input ?? "", files: request.files ?? [],
            limits: limits, key: request.key)
    }

    private static func check(command: [String], _ refuse: (String, String) -> Void) {
        guard (1...maxArguments).contains(command.count), command.first?.isEmpty == false else {
            return refuse("/command", "names a program and at most \(maxArguments - 1) arguments")
        }
        if command.reduce(0, { $0 + $1.utf8.count + 1 }) > maxCommandBytes {
            refuse("/command", "has more than \(maxCommandBytes) bytes")
        }
        for (index, argument) in command.enumerated() where argument.utf8.contains(0) {
            refuse("/command/\(index)", "holds a NUL")
        }
    }

    private static func check(files: [Sandbox.File], _ refuse: (String, String) -> Void) {
        guard files.count <= maxFiles else {
            return refuse("/files", "are more than \(maxFiles)")
        }
        for (index, file) in files.enumerated() {
            if let fault = WorkspacePath.fault(file.path) { refuse("/files/\(index)/path", fault) }
        }
        if let index = WorkspacePath.collision(files.map(\.path)) {
            refuse("/files/\(index)/path", "is a file or folder already")
        }
        if files.reduce(0, { $0 + $1.content.utf8.count }) > maxFileBytes {
            refuse("/files", "have more than \(maxFileBytes) bytes together")
        }
    }

    /// FNV-1a over all that was asked, to tell a repeated call from a key used twice. It notices
    /// mistakes; it does not resist a forger, and the callers are our own services.
    var fingerprint: Int64 {
        var hash: UInt64 = 0xcbf2_9ce4_8422_2325
        func add(_ text: String) {
            for byte in text.utf8 { hash = (hash ^ UInt64(byte)) &* 0x100_0000_01b3 }
            hash = (hash ^ 0x100) &* 0x100_0000_01b3  // no byte is 0x100: parts stay apart
        }
        for part in command { add(part) }
        add(input)
        for file in files {
            add(file.path)
            add(file.content)
        }
        add("\(limits.wallMilliseconds) \(limits.memoryBytes) \(limits.outputBytes)")
        return Int64(bitPattern: hash)
    }
}
