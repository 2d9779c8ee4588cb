/// The open containers of one encoding call, above the buffer they write into.
///
/// A container writes a head of one byte when it opens and is patched when it closes, so no tree
/// of values is built. Containers are lent out as a place on the stack with a serial number: one
/// that is used after something followed it no longer finds its number there, and is refused.
struct EncodingState: ~Copyable, PooledCoder {
    enum Kind: UInt8 {
        /// A place for one value, which an `Encoder` fills.
        case slot = 0
        case array = 0x80
        case map = 0xA0
    }

    struct Frame {
        var header = 0
        var count = 0
        var serial = 0
        var kind = Kind.slot
        /// The cases of the key type that were written, to notice one that comes again.
        var seen: UInt64 = 0
    }

    /// A frame as its holder knows it.
    struct Place {
        let index: Int
        let serial: Int
    }

    var writer = WireWriter(capacity: 1024)
    var keys = KeyCache<KeyedPlace>()
    var types = TypeTable()
    private let frames: UnsafeMutablePointer<Frame>
    private var top = 0
    private var serial = 0
    /// The first serial number of this call; lower ones escaped out of an earlier one.
    private var firstSerial = 1
    private var containers = 0
    var isBusy = false

    init() {
        frames = .allocate(capacity: WireLimits.nesting + 1)
        frames.initialize(repeating: Frame(), count: WireLimits.nesting + 1)
    }

    deinit {
        writer.close()
        frames.deallocate()
    }

    /// Prepares for the next call, and makes whatever still holds a place of the last one refused.
    mutating func reset() {
        top = 0
        firstSerial = serial &+ 1
        containers = 0
        writer.reset()
        frames[0] = Frame()
    }

    func error(_ code: WireError.Code) -> WireError {
        WireError(code, offset: writer.length)
    }

    /// Opens a frame; a container takes its one byte of head.
    mutating func push(_ kind: Kind) throws(WireError) -> Place {
        let isContainer = kind != .slot
        guard top < WireLimits.nesting, !isContainer || containers < WireLimits.depth else {
            throw error(.tooDeep)
        }
        top &+= 1
        serial &+= 1
        frames[top] = Frame(header: writer.count, serial: serial, kind: kind)
        if isContainer {
            containers &+= 1
            writer.byte(kind.rawValue)
        }
        return Place(index: top, serial: serial)
    }

    /// Makes a frame the innermost open one, closing what was opened inside of it.
    @inline(__always)
    mutating func resume(_ place: Place) throws(WireError) {
        guard top != place.index || frames[top].serial != place.serial else { return }
        try resumeOuter(place)
    }

    @inline(never)
    private mutating func resumeOuter(_ place: Place) throws(WireError) {
        guard place.serial > 0, place.index <= top, frames[place.index].serial == place.serial
        else { throw misuse(place) }
        close(to: place.index)
    }

    /// The place of a container that could not be opened; all use of it is refused.
    var nowhere: Place { Place(index: 0, serial: -firstSerial) }

    /// Why a place is refused. One of an earlier call may be looked at by any thread, while another
    /// has this coder: what it is answered comes from numbers alone.
    @inline(never)
    private func misuse(_ place: Place) -> WireError {
        if abs(place.serial) < firstSerial { return WireError(.ended, offset: 0) }
        return writer.failure ?? error(top == 0 ? .ended : .interleaved)
    }

    /// Closes every frame above `index`.
    @inline(__always)
    mutating func close(to index: Int) {
        while top > index { closeTop() }
    }

    @inline(__always)
    private mutating func closeTop() {
        let frame = frames[top]
        frames[top].serial = 0
        top &-= 1
        if frame.kind == .slot {
            // A type that encodes nothing is an empty map, as in every other coder.
            if frame.count == 0 { writer.map(0) }
            return
        }
        containers &-= 1
        if frame.count < 24 {
            let head = frame.kind.rawValue | UInt8(truncatingIfNeeded: frame.count)
            writer.base.storeBytes(of: head, toByteOffset: frame.header, as: UInt8.self)
        } else {
            widenHead(frame)
        }
    }

    /// Makes room for a head of more than one byte in front of what the container holds.
    @inline(never)
    private mutating func widenHead(_ frame: Frame) {
        let body = writer.count - frame.header - 1
        let extra = frame.count < 0x100 ? 1 : frame.count < 0x1_0000 ? 2 : 4
        writer.need(extra + 9)
        // The head is made behind everything else, as writing one touches nine bytes.
        writer.next += extra
        let made = writer.next
        _ = WireWriter.head(at: made, frame.kind.rawValue, UInt64(frame.count))
        let start = writer.base + frame.header
        (start + 1 + extra).copyMemory(from: start + 1, byteCount: body)
        start.copyMemory(from: made, byteCount: 1 + extra)
        writer.shiftPieces(from: frame.header, by: extra)
    }

    /// Counts a new element or pair of a container.
    @inline(__always)
    mutating func advance(_ place: Place) throws(WireError) {
        try resume(place)
        frames[place.index].count &+= 1
    }

    func count(of place: Place) -> Int {
        place.serial > 0 && frames[place.index].serial == place.serial
            ? frames[place.index].count : 0
    }
}

extension EncodingState {
    /// Where a failed value began, to take back what it left behind.
    struct Mark {
        let bytes: Int
        let top: Int
        let count: Int
        let seen: UInt64
        let containers: Int
    }

    /// The state before a value of the innermost frame.
    @inline(__always)
    func mark(_ place: Place) -> Mark {
        Mark(
            bytes: writer.count, top: place.index, count: frames[place.index].count,
            seen: frames[place.index].seen, containers: containers)
    }

    /// Takes back a value that failed, so that a type may catch the error and go on.
    mutating func rewind(to mark: Mark) {
        while top > mark.top {
            frames[top].serial = 0
            top -= 1
        }
        writer.rewind(to: mark.bytes)
        containers = mark.containers
        frames[top].count = mark.count
        frames[top].seen = mark.seen
    }

    /// Opens the container of an encoder, or finds the one it opened before: a subclass that hands
    /// its encoder to `super` shares one container with it.
    mutating func container(_ kind: Kind, in slot: Place) throws(WireError) -> Place {
        guard slot.serial > 0, slot.index <= top, frames[slot.index].serial == slot.serial
        else { throw misuse(slot) }
        if frames[slot.index].count == 0 {
            frames[slot.index].count = 1
            return try push(kind)
        }
        let inner = slot.index + 1
        guard inner <= top, frames[inner].kind == kind else { throw error(.interleaved) }
        // Two key types may meet in one map, so its keys are checked at the end.
        writer.mustValidate = true
        close(to: inner)
        return Place(index: inner, serial: frames[inner].serial)
    }

    /// Takes the place for a single value.
    @inline(__always)
    mutating func fill(_ slot: Place) throws(WireError) {
        guard top == slot.index, frames[top].serial == slot.serial, frames[top].count == 0 else {
            throw misuse(slot)
        }
        frames[top].count = 1
    }

    /// Writes the key of the next pair of a map.
    @inline(__always)
    mutating func key<Key: CodingKey>(
        _ key: Key, _ table: KeyTable?, _ place: Place
    ) throws(WireError) {
        try advance(place)
        guard let table, let entry = table.entry(key) else {
            writer.mustValidate = true
            KeyForm.write(key, to: &writer)
            return
        }
        let bit = table.bit(of: entry)
        if bit == 0 || frames[place.index].seen & bit != 0 { writer.mustValidate = true }
        frames[place.index].seen |= bit
        entry.pointee.write(to: &writer)
    }
}
