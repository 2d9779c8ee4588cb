/// What was read is written, read again and written again: the second writing must be the first.
@c(LLVMFuzzerTestOneInput)
public func fuzz(_ start: UnsafePointer<UInt8>?, _ count: Int) -> Int32 {
    let bytes = [UInt8](UnsafeBufferPointer(start: start, count: count))
    roundTrip(WireValue.self, bytes)
    roundTrip(Row.self, bytes)
    roundTrip(Twin.self, bytes)
    roundTrip(Mixed.self, bytes)
    roundTrip([String: WireValue].self, bytes, keepsOrder: false)
    skipping(bytes)
    return 0
}

private func roundTrip<Value: Codable>(
    _ type: Value.Type, _ bytes: [UInt8], keepsOrder: Bool = true
) {
    guard
        let value = outcome({ () throws(WireError) in
            try WireDecoder.decode(type, from: bytes)
        }).value
    else { return }
    let result = outcome { () throws(WireError) in
        let first = try WireEncoder.encode(value)
        let again = try WireDecoder.decode(type, from: first)
        if keepsOrder, !(value is Mixed), try WireEncoder.encode(again) != first {
            Law.broken("\(type) changes on its way")
        }
        let canonical = try WireEncoder.canonical(again)
        if try WireEncoder.canonical(value) != canonical {
            Law.broken("\(type) has two canonical forms")
        }
        _ = try WireDecoder.decode(type, from: canonical)
    }
    if let error = result.error { Law.broken("\(type) was read but not written: \(error)") }
}

/// Skipping an item and walking to its end by the validator's index come to the same place.
private func skipping(_ bytes: [UInt8]) {
    guard Law.breach(of: bytes) == nil else { return }
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
