/// The diagnostic notation minds what the validator minds, and says what the document says: read
/// back, it is the same value.
@c(LLVMFuzzerTestOneInput)
public func fuzz(_ start: UnsafePointer<UInt8>?, _ count: Int) -> Int32 {
    let bytes = [UInt8](UnsafeBufferPointer(start: start, count: count))
    let breach = Law.breach(of: bytes)
    let text = outcome { () throws(WireError) in try Diagnostic.notation(bytes) }
    Law.follows(breach, text.error, "the notation")
    guard let notation = text.value else {
        if breach == nil { Law.broken("the notation minds something else") }
        return 0
    }
    // Ten digits stand for a byte at most: a float of five bytes with an exponent, for example.
    if notation.utf8.count > 16 * bytes.count + 32 { Law.broken("the notation is too long") }
    if notation.utf8.contains(where: { $0 < 0x20 || $0 == 0x7F }) {
        Law.broken("the notation has control characters")
    }
    var parser = NotationParser(notation)
    guard let known = parser.document() else {
        Law.broken("the notation cannot be read: \(notation)")
    }
    let value = outcome { () throws(WireError) in
        try WireDecoder.decode(WireValue.self, from: bytes)
    }
    // An open value has fewer shapes than the notation; what it has must agree.
    guard let value = value.value else { return 0 }
    let same = outcome { () throws(WireError) in
        try WireEncoder.canonical(value) == WireEncoder.canonical(known)
    }
    if same.value != true { Law.broken("the notation says something else: \(notation)") }
    return 0
}
