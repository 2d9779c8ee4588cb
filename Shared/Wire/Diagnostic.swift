/// Documents as people read them, for logs, tests and the console.
public enum Diagnostic {
    /// The diagnostic notation of a document, RFC 8949 section 8.
    public static func notation(_ bytes: [UInt8]) throws(WireError) -> String {
        try bytes.withUnsafeBufferPointer { buffer throws(WireError) in
            guard let base = buffer.baseAddress, !buffer.isEmpty else {
                throw WireError(.truncated, offset: 0)
            }
            var validator = Validator()
            try validator.check(base, count: buffer.count)
            var reader = WireReader(base, at: 0, end: buffer.count)
            var text = ""
            try item(&reader, &text)
            return text
        }
    }

    /// Recursion is bounded by the depth that validation allows.
    static func item(
        _ reader: inout WireReader, _ text: inout String
    ) throws(WireError) {
        let start = reader.at
        let head = try reader.head()
        switch head.major {
        case 0: text += String(head.value)
        // The value is -1 - n, which for the largest n needs one digit place more than 64 bits.
        case 1: text += "-" + (head.value == .max ? "18446744073709551616" : String(head.value + 1))
        case 2:
            reader.at = start
            text += "h'" + hex(try reader.bytes()) + "'"
        case 3:
            reader.at = start
            quote(try reader.string(), &text)
        case 4: try list(head.value, &reader, &text)
        case 5: try map(head.value, &reader, &text)
        case 6:
            text += "\(head.value)("
            try item(&reader, &text)
            text += ")"
        default:
            guard head.initial >= 0xF9 else {
                text += simple(head.value)
                return
            }
            reader.at = start
            text += number(try reader.double())
        }
    }

    private static func list(
        _ count: UInt64, _ reader: inout WireReader, _ text: inout String
    ) throws(WireError) {
        text += "["
        for index in 0..<count {
            if index > 0 { text += ", " }
            try item(&reader, &text)
        }
        text += "]"
    }

    private static func map(
        _ count: UInt64, _ reader: inout WireReader, _ text: inout String
    ) throws(WireError) {
        text += "{"
        for index in 0..<count {
            if index > 0 { text += ", " }
            try item(&reader, &text)
            text += ": "
            try item(&reader, &text)
        }
        text += "}"
    }

    private static func simple(_ value: UInt64) -> String {
        switch value {
        case 20: "false"
        case 21: "true"
        case 22: "null"
        case 23: "undefined"
        default: "simple(\(value))"
        }
    }

    /// A number as the RFC writes it: always with a fraction, exponents without leading zeros.
    private static func number(_ value: Double) -> String {
        if value.isNaN { return "NaN" }
        if value.isInfinite { return value < 0 ? "-Infinity" : "Infinity" }
        let parts = value.description.split(separator: "e", maxSplits: 1)
        let mantissa = parts[0].contains(".") ? String(parts[0]) : parts[0] + ".0"
        guard parts.count == 2 else { return mantissa }
        let sign = parts[1].hasPrefix("-") ? "-" : "+"
        let digits = parts[1].drop { $0 == "-" || $0 == "+" || $0 == "0" }
        return mantissa + "e" + sign + digits
    }

    private static func hex(_ bytes: [UInt8]) -> String {
        let digits = Array("0123456789abcdef".utf8)
        let text = bytes.flatMap { [digits[Int($0 >> 4)], digits[Int($0 & 15)]] }
        return String(decoding: text, as: UTF8.self)
    }

    private static func quote(_ value: String, _ text: inout String) {
        text += "\""
        for scalar in value.unicodeScalars {
            switch scalar {
            case "\"": text += "\\\""
            case "\\": text += "\\\\"
            case "\n": text += "\\n"
            case "\r": text += "\\r"
            case "\t": text += "\\t"
            case _ where scalar.value < 0x20 || scalar.value == 0x7F:
                text += "\\u00" + hex([UInt8(scalar.value)])
            default: text.unicodeScalars.append(scalar)
            }
        }
        text += "\""
    }
}
