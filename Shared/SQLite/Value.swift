/// One of the five things SQLite can store, for binding.
public enum Value: Sendable, Equatable {
    case null
    case integer(Int64)
    case real(Double)
    case text(String)
    case blob([UInt8])
}

/// What may stand behind a placeholder. A raw-value type conforms by saying so.
public protocol Bindable: Sendable {
    /// The value that is bound.
    var sqlValue: Value { get }
}

extension Value: Bindable {
    public var sqlValue: Value { self }
}

extension Int64: Bindable {
    public var sqlValue: Value { .integer(self) }
}

extension Int: Bindable {
    public var sqlValue: Value { .integer(Int64(self)) }
}

extension Int32: Bindable {
    public var sqlValue: Value { .integer(Int64(self)) }
}

extension Bool: Bindable {
    public var sqlValue: Value { .integer(self ? 1 : 0) }
}

extension Double: Bindable {
    public var sqlValue: Value { .real(self) }
}

extension String: Bindable {
    public var sqlValue: Value { .text(self) }
}

extension [UInt8]: Bindable {
    public var sqlValue: Value { .blob(self) }
}

extension Optional: Bindable where Wrapped: Bindable {
    public var sqlValue: Value { self?.sqlValue ?? .null }
}

extension Bindable where Self: RawRepresentable, RawValue: Bindable {
    public var sqlValue: Value { rawValue.sqlValue }
}
