/// Arbitrary bytes: the validator's word holds for every way of decoding, and skipping agrees with
/// it about where things end.
@c(LLVMFuzzerTestOneInput)
public func fuzz(_ start: UnsafePointer<UInt8>?, _ count: Int) -> Int32 {
    let bytes = [UInt8](UnsafeBufferPointer(start: start, count: count))
    let breach = Law.breach(of: bytes)
    follow(breach, WireValue.self, bytes)
    follow(breach, Mixed.self, bytes)
    follow(breach, Twin.self, bytes)
    follow(breach, Row.self, bytes)
    follow(breach, [String: WireValue].self, bytes)
    follow(breach, [Numbered].self, bytes)
    if breach == nil { skipping(bytes) }
    return 0
}

private func follow<Value: Decodable>(_ breach: WireError?, _ type: Value.Type, _ bytes: [UInt8]) {
    let error = outcome { () throws(WireError) in try WireDecoder.decode(type, from: bytes) }.error
    Law.follows(breach, error, "\(type)")
}

/// Skipping an item and walking to its end by the validator's index come to the same place.
private func skipping(_ bytes: [UInt8]) {
    bytes.withUnsafeBufferPointer { buffer in
        guard let base = buffer.baseAddress else { return }
        let result = outcome { () throws(WireError) in
            var reader = WireReader(base, at: 0, end: buffer.count)
            try reader.skip()
            if reader.at != buffer.count { Law.broken("a skip ends elsewhere") }
            var state = DecodingState()
            try state.begin(base, buffer.count)
            for place in 0..<buffer.count {
                var reader = WireReader(base, at: place, end: buffer.count)
                guard (try? reader.skip()) != nil, let known = state.validator.spans.end(of: place)
                else { continue }
                if known != reader.at { Law.broken("the index knows another end") }
            }
        }
        if let error = result.error { Law.broken("a skip fails: \(error)") }
    }
}
