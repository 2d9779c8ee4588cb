import Glibc

/// What decoding a document came to.
struct Outcome<Value> {
    var value: Value?
    var error: WireError?
}

func outcome<Value>(_ body: () throws(WireError) -> Value) -> Outcome<Value> {
    do throws(WireError) {
        return Outcome(value: try body(), error: nil)
    } catch {
        return Outcome(value: nil, error: error)
    }
}

/// The properties that every input must have.
enum Law {
    /// Why the validator refuses a document, or nil where it passes.
    static func breach(of bytes: [UInt8]) -> WireError? {
        outcome { () throws(WireError) in
            try bytes.withUnsafeBufferPointer { buffer throws(WireError) in
                guard let base = buffer.baseAddress, !buffer.isEmpty else {
                    throw WireError(.truncated, offset: 0)
                }
                var validator = Validator()
                try validator.check(base, count: buffer.count)
            }
        }.error
    }

    /// A document that the validator refuses is refused for that reason and no other.
    static func follows(_ breach: WireError?, _ error: WireError?, _ who: String) {
        guard let breach else { return }
        if error?.code != breach.code || error?.offset != breach.offset {
            broken("\(who) says \(error.map { "\($0)" } ?? "nothing"), not \(breach)")
        }
    }

    static func broken(_ what: String) -> Never {
        var line = "broken: \(what)\n"
        line.withUTF8 { _ = write(2, $0.baseAddress, $0.count) }
        abort()
    }
}
