import FoundationEssentials

extension Template {
    /// The template as the file that people keep and send: the same bytes for the same template.
    public func json() throws -> [UInt8] {
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.prettyPrinted, .sortedKeys, .withoutEscapingSlashes]
        return try Array(encoder.encode(self)) + [Byte.newline]
    }
}
