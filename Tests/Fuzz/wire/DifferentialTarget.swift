/// A type that reads and writes itself, and its twin with the synthesized coding: they accept the
/// same documents, read the same values and write the same bytes.
@c(LLVMFuzzerTestOneInput)
public func fuzz(_ start: UnsafePointer<UInt8>?, _ count: Int) -> Int32 {
    let bytes = [UInt8](UnsafeBufferPointer(start: start, count: count))
    compare(Row.self, Twin.self, bytes)
    compare(Numbered.self, NumberedTwin.self, bytes)
    compare([Row].self, [Twin].self, bytes)
    return 0
}

private func compare<One: Codable, Two: Codable>(
    _ one: One.Type, _ two: Two.Type, _ bytes: [UInt8]
) {
    let first = outcome { () throws(WireError) in try WireDecoder.decode(one, from: bytes) }
    let second = outcome { () throws(WireError) in try WireDecoder.decode(two, from: bytes) }
    guard let left = first.value, let right = second.value else {
        if first.value != nil || second.value != nil {
            let error = first.error ?? second.error
            Law.broken("only one of \(one) and \(two) reads: \(error.map { "\($0)" } ?? "")")
        }
        return
    }
    let result = outcome { () throws(WireError) in
        let written = try WireEncoder.encode(left)
        if try WireEncoder.encode(right) != written { Law.broken("\(one) is written in two ways") }
        var appended: [UInt8] = [7]
        try WireEncoder.encode(left, appendingTo: &appended)
        if appended != [7] + written { Law.broken("\(one) is appended otherwise") }
        let again = try WireDecoder.decode(one, from: WireEncoder.encode(right))
        if try WireEncoder.encode(again) != written { Law.broken("\(one) changes on its way") }
        if try WireEncoder.canonical(left) != WireEncoder.canonical(right) {
            Law.broken("\(one) has two canonical forms")
        }
    }
    if let error = result.error { Law.broken("\(one) was read but not written: \(error)") }
}
