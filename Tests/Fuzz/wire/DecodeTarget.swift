/// Arbitrary bytes: the validator's word holds for every way of decoding, and one pass says what
/// two passes say.
@c(LLVMFuzzerTestOneInput)
public func fuzz(_ start: UnsafePointer<UInt8>?, _ count: Int) -> Int32 {
    let bytes = [UInt8](UnsafeBufferPointer(start: start, count: count))
    let breach = Law.breach(of: bytes)
    let open = outcome { () throws(WireError) in try WireDecoder.decode(WireValue.self, from: bytes)
    }
    Law.follows(breach, open.error, "an open value")
    let row = outcome { () throws(WireError) in try WireDecoder.decode(Row.self, from: bytes) }
    Law.follows(breach, row.error, "one pass")
    let twin = outcome { () throws(WireError) in try WireDecoder.decode(Twin.self, from: bytes) }
    Law.follows(breach, twin.error, "two passes")
    if row.error == nil && twin.error != nil { Law.broken("one pass reads what two refuse") }
    if let row = row.value, let twin = twin.value {
        let same = outcome { () throws(WireError) in
            try WireEncoder.encode(row) == WireEncoder.encode(twin)
        }
        if same.value != true { Law.broken("one pass and two read different values") }
    }
    let mixed = outcome { () throws(WireError) in try WireDecoder.decode(Mixed.self, from: bytes) }
    Law.follows(breach, mixed.error, "synthesized code")
    let text = outcome { () throws(WireError) in try Diagnostic.notation(bytes) }
    if (text.error == nil) != (breach == nil) { Law.broken("the notation minds something else") }
    return 0
}
