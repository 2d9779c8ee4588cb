/// A whole answer as bytes: its status, its headers, an empty line, its body.
struct AnswerText: Sendable {
    var status: Int
    var headers: [(String, String)]
    var body: [UInt8]

    var bytes: [UInt8] {
        var head = "\(status)\n"
        for (name, value) in headers { head += "\(name): \(value)\n" }
        return Array((head + "\n").utf8) + body
    }

    init(status: Int, headers: [(String, String)], body: [UInt8]) {
        (self.status, self.headers, self.body) = (status, headers, body)
    }

    /// nil for what no answer was made into.
    init?(_ bytes: [UInt8]) {
        var rest = bytes[...]
        func line() -> String? {
            guard let end = rest.firstIndex(of: 10) else { return nil }
            defer { rest = rest[(end + 1)...] }
            return String(decoding: rest[..<end], as: UTF8.self)
        }
        guard let first = line(), let status = Int(first) else { return nil }
        var headers: [(String, String)] = []
        while let text = line() {
            if text.isEmpty {
                self.init(status: status, headers: headers, body: Array(rest))
                return
            }
            guard let mark = text.firstRange(of: ": ") else { return nil }
            headers.append((String(text[..<mark.lowerBound]), String(text[mark.upperBound...])))
        }
        return nil
    }
}
