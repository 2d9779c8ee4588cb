/// What a dialect said of a thing that the model has no word for, kept so that the same dialect
/// says it again. Other dialects leave it alone.
public struct Extras: Sendable, Equatable {
    struct Bag: Sendable, Equatable {
        var fields = JSONObject()
        var spelling: Spelling = []
        /// What the dialect said in another place than beside the thing.
        var notes = JSONObject()

        var isEmpty: Bool { fields.isEmpty && spelling.isEmpty && notes.isEmpty }
    }

    private var bags: [DialectName: Bag] = [:]

    public init() {}

    init(_ dialect: DialectName, _ fields: JSONObject, _ spelling: Spelling = []) {
        self[bag: dialect] = Bag(fields: fields, spelling: spelling)
    }

    /// The members that only this dialect knows.
    public subscript(dialect: DialectName) -> JSONObject {
        get { bags[dialect]?.fields ?? JSONObject() }
        set { self[bag: dialect].fields = newValue }
    }

    subscript(bag dialect: DialectName) -> Bag {
        get { bags[dialect] ?? Bag() }
        set { bags[dialect] = newValue.isEmpty ? nil : newValue }
    }

    subscript(notes dialect: DialectName) -> JSONObject {
        get { bags[dialect]?.notes ?? JSONObject() }
        set { self[bag: dialect].notes = newValue }
    }

    /// True when the thing was written in this way where it comes from.
    func says(_ spelling: Spelling, in dialect: DialectName) -> Bool {
        bags[dialect]?.spelling.contains(spelling) ?? false
    }

    public var isEmpty: Bool { bags.isEmpty }
}

/// The choice a dialect leaves between ways to write the same, where a request made one that is not
/// ours.
struct Spelling: OptionSet, Sendable {
    let rawValue: UInt16

    /// The thing comes from this dialect at all.
    static let native = Spelling(rawValue: 1)
    /// A list where a text would do.
    static let list = Spelling(rawValue: 2)
    /// A text where a list is usual.
    static let plain = Spelling(rawValue: 4)
    /// Left out where an empty value is usual.
    static let absent = Spelling(rawValue: 8)
    /// Null where leaving out is usual.
    static let null = Spelling(rawValue: 16)
    /// By an older name.
    static let older = Spelling(rawValue: 32)
    /// With the type that goes without saying.
    static let typed = Spelling(rawValue: 64)
    /// Goes on with the item of the part before.
    static let continued = Spelling(rawValue: 128)
    /// As an object where a text is usual.
    static let object = Spelling(rawValue: 256)
    /// With an identifier made here, for there was none.
    static let unnamed = Spelling(rawValue: 512)
    /// By the other one of two names in use.
    static let alias = Spelling(rawValue: 1024)
}
