import Console
import FoundationEssentials
import Glibc
import MeshContract
import Wire

/// `atelier wire [file|-]`: a message as people read it; `atelier wire --capture <file>`: all that a
/// capture holds.
enum WireCommand {
    /// More than any message of the mesh has.
    private static let mostBytes = 64 << 20

    /// Prints the message of a file or of standard input, which is binary or hex digits.
    static func run(_ arguments: [String]) throws -> ExitCode {
        let parsed = try Arguments(arguments, values: choices)
        if let file = try parsed.value("capture") {
            try parsed.noWords()
            return try CapturePrinter(parsed).show(file)
        }
        Terminal.out(try shown(arguments))
        return .success
    }

    private static let choices = ["capture", "method", "call", "service", "limit"]

    /// What `run` prints of one message.
    static func shown(_ arguments: [String]) throws -> String {
        let arguments = try Arguments(arguments, values: choices)
        let words = arguments.words
        for flag in choices where arguments.has(flag) {
            throw UsageError("--\(flag) chooses from a capture: say which with --capture <file>")
        }
        guard words.count <= 1 else { throw UsageError("wire takes one file, or - for its input") }
        let content = try read(words.first ?? "-")
        let bytes = binary(content) ?? content
        do throws(WireError) {
            return Printable.text(try text(of: bytes))
        } catch {
            throw UsageError("this is not a message of the mesh: \(error)")
        }
    }

    private static func read(_ name: String) throws -> [UInt8] {
        if name == "-" { return try content(of: STDIN_FILENO, called: "the input") }
        let descriptor = open(name, O_RDONLY | O_CLOEXEC)
        guard descriptor >= 0 else { throw UsageError("\(name) cannot be read") }
        defer { close(descriptor) }
        return try content(of: descriptor, called: name)
    }

    /// Everything that a file has, as long as that is no more than a message may have: what is
    /// named could be a device without an end.
    static func content(of descriptor: Int32, called name: String) throws(UsageError) -> [UInt8] {
        var content: [UInt8] = []
        var block = [UInt8](repeating: 0, count: 1 << 16)
        while true {
            let count = Glibc.read(descriptor, &block, block.count)
            if count < 0 && errno == EINTR { continue }
            guard count >= 0 else { throw UsageError("\(name) cannot be read") }
            if count == 0 { return content }
            content += block[..<count]
            guard content.count <= mostBytes else { throw UsageError("\(name) is too large") }
        }
    }

    /// The bytes that hex digits stand for, or nil where this is no text of hex digits. What could
    /// be both is taken as hex: a binary message that is all digits is a lone number or text.
    static func binary(_ content: [UInt8]) -> [UInt8]? {
        var bytes: [UInt8] = []
        var high: UInt8?
        for byte in content where !(byte == 0x20 || (9...13).contains(byte)) {
            guard let digit = Character(UnicodeScalar(byte)).hexDigitValue, byte < 0x80 else {
                return nil
            }
            if let first = high {
                bytes.append(first << 4 | UInt8(digit))
                high = nil
            } else {
                high = UInt8(digit)
            }
        }
        return high == nil && !bytes.isEmpty ? bytes : nil
    }

    /// Diagnostic notation (RFC 8949 section 8); an envelope of the mesh shows the names behind
    /// its numbers, and the message inside of it with the names of its fields. `card` is the method
    /// whose message it is, where that is known; a request's is found by its name.
    static func text(of bytes: [UInt8], _ card: MethodCard? = nil) throws(WireError) -> String {
        let whole = try Diagnostic.notation(bytes)
        if let request = try? WireDecoder.decode(Request.self, from: bytes),
            hasPairs(bytes, request.trace == nil ? 5 : 6)
        {
            return try request.text(card ?? KnownContracts.only(request.method))
        }
        if let reply = try? WireDecoder.decode(Reply.self, from: bytes),
            (reply.body == nil) != (reply.fault == nil), hasPairs(bytes, 1)
        {
            return try reply.text(card)
        }
        return whole
    }

    /// Whether a map has this many pairs: one with more is shown whole, as an envelope would hide
    /// what it does not know.
    private static func hasPairs(_ bytes: [UInt8], _ count: UInt8) -> Bool {
        bytes.first == 0xA0 | count
    }

    /// A message that an envelope holds, or its bytes where it is none.
    static func inner(_ body: [UInt8], _ fields: [Field]?) throws(WireError) -> String {
        if let fields, let pairs = try? Diagnostic.pairs(body), pairs.count + fields.count > 0 {
            return (["<<"] + lines(pairs, fields).map { "    " + $0 } + ["  >>"])
                .joined(separator: "\n")
        }
        if let text = try? Diagnostic.notation(body) { return "<< \(text) >>" }
        return try Diagnostic.notation(WireEncoder.encode(body))
    }

    /// One field a line, by its name in the contract, with a remark on what the contract does not
    /// know or misses.
    private static func lines(_ pairs: [Diagnostic.Pair], _ fields: [Field]) -> [String] {
        var missing = fields.filter { !$0.isOptional }.map(\.name)
        var lines = pairs.map { pair -> String in
            let field = fields.first { field in
                switch pair.key {
                case .text(let name): field.number == nil && field.name == name
                case .number(let number): field.number.map(Int64.init) == number
                }
            }
            missing.removeAll { $0 == field?.name }
            let key =
                switch pair.key {
                case .text(let name): name
                case .number(let number): field.map { "\(number) \($0.name)" } ?? "\(number)"
                }
            let remark = field == nil ? "/ not in the contract / " : ""
            return "\(remark)\(Printable.line(key, limit: 200)): \(pair.value)"
        }
        if !missing.isEmpty {
            lines.append("/ the contract has more: \(missing.joined(separator: ", ")) /")
        }
        return lines
    }

    /// What `Mesh` puts around a request; its own type is not public.
    private struct Request: Decodable {
        var method: String
        var caller: String
        var call: String
        var trace: String?
        var time: Int
        var body: [UInt8]

        enum CodingKeys: Int, CodingKey {
            case method = 1
            case caller = 2
            case call = 3
            case trace = 4
            case time = 5
            case body = 6
        }

        func text(_ card: MethodCard?) throws(WireError) -> String {
            var lines = ["request {"]
            lines.append("  1 method: " + (try quoted(method)))
            lines.append("  2 caller: " + (try quoted(caller)))
            lines.append("  3 call: " + (try quoted(call)))
            if let trace { lines.append("  4 trace: " + (try quoted(trace))) }
            lines.append("  5 time: \(time)")
            lines.append("  6 body: " + (try inner(body, card?.request)))
            return (lines + ["}"]).joined(separator: "\n")
        }

        private func quoted(_ value: String) throws(WireError) -> String {
            try Diagnostic.notation(WireEncoder.encode(value))
        }
    }

    /// What `Mesh` puts around a reply.
    private struct Reply: Decodable {
        var body: [UInt8]?
        var fault: WireValue?

        enum CodingKeys: Int, CodingKey {
            case body = 1
            case fault = 2
        }

        func text(_ card: MethodCard?) throws(WireError) -> String {
            var lines = ["reply {"]
            if let body { lines.append("  1 body: " + (try inner(body, card?.reply))) }
            if let fault {
                lines.append("  2 fault: " + (try Diagnostic.notation(WireEncoder.encode(fault))))
            }
            return (lines + ["}"]).joined(separator: "\n")
        }
    }
}
