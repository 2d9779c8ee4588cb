/// Bytes written as hexadecimal digits, spaces ignored; odd or foreign characters end the test.
func hex(_ text: String) -> [UInt8] {
    let digits = text.filter { $0 != " " }.compactMap(\.hexDigitValue)
    precondition(digits.count.isMultiple(of: 2) && digits.count == text.filter { $0 != " " }.count)
    return stride(from: 0, to: digits.count, by: 2).map { UInt8(digits[$0] << 4 | digits[$0 + 1]) }
}
