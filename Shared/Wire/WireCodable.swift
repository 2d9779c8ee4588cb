/// A type with a hand-written coding next to its `Codable` one, for the few types that are hot.
///
/// Both give the same bytes; the `Codable` coder recognises a conforming type, at any depth, and
/// takes the direct way. `encode(to:)` writes exactly one item and `init(from:)` reads exactly one.
public protocol WireCodable: Codable {
    /// Writes this value as one item.
    func encode(to writer: inout WireWriter)
    /// Reads one item. Unknown keys are skipped with `WireReader.skipPair()`.
    init(from reader: inout WireReader) throws(WireError)
}
