extension Diagnostic {
    /// One pair of a map, its value in diagnostic notation.
    public struct Pair: Sendable, Equatable {
        public enum Key: Sendable, Equatable {
            case text(String)
            case number(Int64)
        }

        public let key: Key
        public let value: String
    }

    /// The pairs of a document that is one map, so that a reader who knows the names behind its keys
    /// can show them; nil for any other document.
    public static func pairs(_ bytes: [UInt8]) throws(WireError) -> [Pair]? {
        try bytes.withUnsafeBufferPointer { buffer throws(WireError) in
            guard let base = buffer.baseAddress, !buffer.isEmpty else {
                throw WireError(.truncated, offset: 0)
            }
            var validator = Validator()
            try validator.check(base, count: buffer.count)
            var reader = WireReader(base, at: 0, end: buffer.count)
            let head = try reader.head()
            guard head.major == 5 else { return nil }
            var pairs: [Pair] = []
            for _ in 0..<head.value {
                let start = reader.at
                let key = try reader.head()
                let name: Pair.Key
                switch key.major {
                case 0: name = .number(Int64(clamping: key.value))
                case 1: name = .number(-1 - Int64(clamping: key.value))
                default:
                    reader.at = start
                    name = .text(try reader.string())
                }
                var value = ""
                try item(&reader, &value)
                pairs.append(Pair(key: name, value: value))
            }
            return pairs
        }
    }
}
