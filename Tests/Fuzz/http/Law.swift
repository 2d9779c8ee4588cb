import Glibc

/// The properties that every input must have.
enum Law {
    static func broken(_ what: String) -> Never {
        var line = "broken: \(what)\n"
        line.withUTF8 { _ = write(2, $0.baseAddress, $0.count) }
        abort()
    }

    /// The first byte says how the rest is cut into pieces, from one byte to a few hundred.
    static func pieces(_ input: UnsafeBufferPointer<UInt8>) -> (rest: [UInt8], piece: Int) {
        guard let first = input.first else { return ([], 1) }
        return (Array(input.dropFirst()), first < 16 ? Int(first) + 1 : Int(first))
    }
}
