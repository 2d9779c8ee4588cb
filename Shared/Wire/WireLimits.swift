/// What a document may ask of the process that reads it; the same bounds hold when writing.
public enum WireLimits {
    /// How deep arrays and maps may be nested.
    @inlinable public static var depth: Int { 64 }
    /// How many tags may stand in front of one item.
    public static let tags = 8
    /// The largest document; the mesh sets far smaller limits per message.
    @inlinable public static var documentBytes: Int { 1 << 30 }
    /// The seconds since 1970 that a date may have: the years 0 to 9999.
    public static let dateSeconds: ClosedRange<Double> = -62_167_219_200...253_402_300_800

    @inlinable @inline(__always)
    static func isDate(_ seconds: Double) -> Bool {
        seconds >= -62_167_219_200 && seconds <= 253_402_300_800
    }

    /// How deep Swift types may nest, counting wrappers that leave no trace in the bytes.
    static let nesting = 256
    /// The largest buffer that an idle coder keeps.
    static let idleBytes = 1 << 18
    /// How many elements an array read from a document reserves before it has seen them.
    @inlinable static var reservedElements: Int { 1024 }
}
