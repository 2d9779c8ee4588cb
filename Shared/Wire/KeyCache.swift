/// What a coder keeps for each key type: its encoded keys, and the containers it has made.
///
/// A container of the standard library is a reference to a box around one of ours, and making one
/// takes longer than writing three fields: an allocation, and four questions to the runtime about
/// generic types. So a box is lent again when nobody else holds it any more. What it is about
/// stands in a `Content` beside it, which only changes hands together with the box.
struct KeyCache<Content>: ~Copyable {
    struct Loan {
        /// The container, of which this is one reference.
        var box: AnyObject?
        /// What our container in the box looks at.
        var content: UnsafeMutablePointer<Content>?
    }

    struct Slot {
        fileprivate var type: UInt = 0
        private(set) var table: KeyTable?
        private var loans: UnsafeMutablePointer<Loan>?

        fileprivate init(type: UInt = 0, table: KeyTable? = nil) {
            self.type = type
            self.table = table
        }
    }

    private let slots: UnsafeMutablePointer<Slot>
    private var used = 0

    init() {
        slots = .allocate(capacity: Slot.capacity)
        slots.initialize(repeating: Slot(), count: Slot.capacity)
    }

    deinit {
        for index in 0..<Slot.capacity { slots[index].drop() }
        slots.deallocate()
    }

    /// The slot of a key type, or nil when there are too many types.
    @inline(__always)
    mutating func slot<Key: CodingKey>(_ type: Key.Type) -> UnsafeMutablePointer<Slot>? {
        let identity = UInt(bitPattern: ObjectIdentifier(type))
        var index = Int(truncatingIfNeeded: (identity >> 4) ^ (identity >> 12))
        while true {
            index &= Slot.capacity &- 1
            if slots[index].type == identity { return slots + index }
            if slots[index].type == 0 { return make(type, identity, index) }
            index &+= 1
        }
    }

    @inline(never)
    private mutating func make<Key: CodingKey>(
        _ type: Key.Type, _ identity: UInt, _ index: Int
    ) -> UnsafeMutablePointer<Slot>? {
        guard used < Slot.capacity / 2 else { return nil }
        used += 1
        slots[index] = Slot(type: identity, table: KeyTable.make(type))
        return slots + index
    }
}

extension KeyCache.Slot {
    fileprivate static var capacity: Int { 256 }
    /// Boxes of one key type; types that contain themselves deeper than this make further ones.
    private static var boxes: Int { 4 }

    /// A box that nobody holds any more, now about `content`.
    @inline(__always)
    func lend(_ content: Content) -> AnyObject? {
        guard let loans else { return nil }
        var index = 0
        while index < Self.boxes, loans[index].box != nil {
            if isKnownUniquelyReferenced(&loans[index].box) {
                loans[index].content?.pointee = content
                return loans[index].box
            }
            index &+= 1
        }
        return nil
    }

    /// Makes a box and keeps it for later, if there is room for one more.
    mutating func add<Container>(
        _ content: Content, _ make: (UnsafeMutablePointer<Content>) -> Container
    ) -> Container? {
        // The layout is the standard library's own. Where it is another one, boxes are not kept.
        guard MemoryLayout<Container>.size == MemoryLayout<AnyObject?>.size else { return nil }
        let loans = needLoans()
        guard let index = (0..<Self.boxes).first(where: { loans[$0].box == nil }) else {
            return nil
        }
        let place = UnsafeMutablePointer<Content>.allocate(capacity: 1)
        place.initialize(to: content)
        let container = make(place)
        loans[index] = KeyCache.Loan(
            box: unsafeBitCast(container, to: AnyObject?.self), content: place)
        return container
    }

    private mutating func needLoans() -> UnsafeMutablePointer<KeyCache.Loan> {
        if let loans { return loans }
        let new = UnsafeMutablePointer<KeyCache.Loan>.allocate(capacity: Self.boxes)
        new.initialize(repeating: KeyCache.Loan(), count: Self.boxes)
        loans = new
        return new
    }

    fileprivate func drop() {
        table?.drop()
        guard let loans else { return }
        // A box that somebody holds goes on looking at its content, so that stays.
        for index in 0..<Self.boxes where isKnownUniquelyReferenced(&loans[index].box) {
            loans[index].content?.deallocate()
        }
        loans.deinitialize(count: Self.boxes)
        loans.deallocate()
    }
}
