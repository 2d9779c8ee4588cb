/// What was read is written, read again and written again: the second writing must be the first.
@c(LLVMFuzzerTestOneInput)
public func fuzz(_ start: UnsafePointer<UInt8>?, _ count: Int) -> Int32 {
    let bytes = [UInt8](UnsafeBufferPointer(start: start, count: count))
    roundTrip(WireValue.self, bytes)
    roundTrip(Twin.self, bytes)
    roundTrip(Mixed.self, bytes, keepsOrder: false)
    roundTrip([String: WireValue].self, bytes, keepsOrder: false)
    roundTrip([Mixed.Shape?].self, bytes)
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
        if keepsOrder, try WireEncoder.encode(again) != first {
            Law.broken("\(type) changes on its way")
        }
        let canonical = try WireEncoder.canonical(again)
        if try WireEncoder.canonical(value) != canonical {
            Law.broken("\(type) has two canonical forms")
        }
        let last = try WireDecoder.decode(type, from: canonical)
        if try WireEncoder.canonical(last) != canonical {
            Law.broken("\(type) is not canonical in its canonical form")
        }
    }
    if let error = result.error { Law.broken("\(type) was read but not written: \(error)") }
}
