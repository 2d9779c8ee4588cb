import Glibc
import Synchronization
import Testing

@testable import Wire

@Suite("Coders and containers that are lent again")
struct LentTests {
    enum Key: String, CodingKey { case left, right, value }

    /// Holds its container for longer than its call.
    final class Holder: @unchecked Sendable {
        // Only the one test that made it touches it.
        var targets: [KeyedEncodingContainer<Key>] = []
        var sources: [KeyedDecodingContainer<Key>] = []
    }

    @TaskLocal static var holder: Holder?

    struct Tree: Codable, Equatable {
        var value: Int
        var branches: [Tree] = []

        init(_ value: Int, _ branches: [Tree] = []) {
            self.value = value
            self.branches = branches
        }

        init(from decoder: any Decoder) throws {
            let container = try decoder.container(keyedBy: Key.self)
            LentTests.holder?.sources.append(container)
            branches = try container.decodeIfPresent([Tree].self, forKey: .left) ?? []
            value = try container.decode(Int.self, forKey: .value)
        }

        func encode(to encoder: any Encoder) throws {
            var container = encoder.container(keyedBy: Key.self)
            LentTests.holder?.targets.append(container)
            if !branches.isEmpty { try container.encode(branches, forKey: .left) }
            try container.encode(value, forKey: .value)
        }
    }

    private func deep(_ levels: Int) -> Tree {
        (1..<levels).reduce(Tree(0)) { Tree($1, [$0, Tree(-$1)]) }
    }

    @Test("types that contain themselves deeper than there are boxes come back")
    func recursion() throws {
        for levels in [1, 3, 4, 5, 6, 30] {
            let bytes = try WireEncoder.encode(deep(levels))
            #expect(try WireDecoder.decode(Tree.self, from: bytes) == deep(levels))
        }
    }

    @Test("a container that somebody holds is not lent again, and stays refused")
    func held() throws {
        let holder = Holder()
        let plain = try WireEncoder.encode(deep(6))
        try Self.$holder.withValue(holder) { () throws -> Void in
            for _ in 0..<3 {
                #expect(try WireEncoder.encode(deep(6)) == plain)
                #expect(try WireDecoder.decode(Tree.self, from: plain) == deep(6))
            }
        }
        #expect(holder.targets.count == 33 && holder.sources.count == 33)
        for index in holder.targets.indices {
            #expect(throws: WireError(.ended, offset: 0)) {
                try holder.targets[index].encode(1, forKey: .right)
            }
            #expect(throws: WireError(.ended, offset: 0)) {
                try holder.sources[index].decode(Int.self, forKey: .value)
            }
        }
        #expect(try WireEncoder.encode(deep(6)) == plain)
    }

    /// Uses the container of a call that ended while another call runs.
    struct Meddler: Encodable {
        let holder: Holder

        func encode(to encoder: any Encoder) throws {
            var mine = encoder.container(keyedBy: Key.self)
            try mine.encode(1, forKey: .left)
            for index in holder.targets.indices {
                #expect(throws: WireError(.ended, offset: 0)) {
                    try holder.targets[index].encode(9, forKey: .right)
                }
            }
            try mine.encode(2, forKey: .right)
        }
    }

    @Test("a container of an ended call writes nothing into the next one")
    func meddling() throws {
        let holder = Holder()
        _ = try Self.$holder.withValue(holder) { try WireEncoder.encode(deep(6)) }
        let bytes = try WireEncoder.encode(Meddler(holder: holder))
        #expect(bytes == hex("a2 64 6c656674 01 65 7269676874 02"))
    }

    /// Two maps of the same keys, open at once.
    struct Twins: Encodable {
        func encode(to encoder: any Encoder) throws {
            var outer = encoder.container(keyedBy: Key.self)
            var left = outer.nestedContainer(keyedBy: Key.self, forKey: .left)
            try left.encode(1, forKey: .value)
            var right = outer.nestedContainer(keyedBy: Key.self, forKey: .right)
            try right.encode(2, forKey: .value)
            #expect(throws: WireError.self) { try left.encode(3, forKey: .right) }
            try outer.encode(4, forKey: .value)
        }
    }

    @Test("containers of the same keys that are held at once keep their places")
    func atOnce() throws {
        let bytes = try WireEncoder.encode(Twins())
        let value = try WireDecoder.decode(WireValue.self, from: bytes)
        #expect(value == ["left": ["value": 1], "right": ["value": 2], "value": 4])
    }

    /// Encodes inside of encoding, and decodes inside of decoding.
    struct Wrapped: Codable, Equatable {
        var inner: Tree

        init(_ inner: Tree) { self.inner = inner }

        init(from decoder: any Decoder) throws {
            let bytes = try decoder.singleValueContainer().decode([UInt8].self)
            inner = try WireDecoder.decode(Tree.self, from: bytes)
        }

        func encode(to encoder: any Encoder) throws {
            var container = encoder.singleValueContainer()
            try container.encode(try WireEncoder.encode(inner))
        }
    }

    @Test("a call inside of another one has a coder of its own")
    func nestedCalls() throws {
        let values = (0..<5).map { Wrapped(deep($0 + 1)) }
        let bytes = try WireEncoder.encode(values)
        #expect(try WireDecoder.decode([Wrapped].self, from: bytes) == values)
    }

    /// Two cases of one name, which only a key type by hand can have.
    struct Namesakes: Codable, Equatable {
        enum Key: CodingKey {
            case one, other, third
            var stringValue: String { self == .third ? "b" : "a" }
            var intValue: Int? { nil }
            init?(stringValue: String) { self = stringValue == "a" ? .one : .third }
            init?(intValue: Int) { return nil }
        }

        var one: Int?
        var other: Int?
        var third: Int?

        init() { (one, third) = (1, 2) }

        init(from decoder: any Decoder) throws {
            let container = try decoder.container(keyedBy: Key.self)
            one = try container.decodeIfPresent(Int.self, forKey: .one)
            third = try container.decodeIfPresent(Int.self, forKey: .third)
            other = try container.decodeIfPresent(Int.self, forKey: .other)
        }

        func encode(to encoder: any Encoder) throws {
            var container = encoder.container(keyedBy: Key.self)
            try container.encodeIfPresent(one, forKey: .one)
            try container.encodeIfPresent(third, forKey: .third)
            try container.encodeIfPresent(other, forKey: .other)
        }
    }

    @Test("a key that two cases share is found by both, and refused when both write it")
    func namesakes() throws {
        var value = Namesakes()
        let bytes = try WireEncoder.encode(value)
        for _ in 0..<2 {
            let read = try WireDecoder.decode(Namesakes.self, from: bytes)
            #expect(read.one == 1 && read.other == 1 && read.third == 2)
        }
        value.other = 3
        #expect(throws: WireError(.duplicateKey, offset: 7)) { try WireEncoder.encode(value) }
    }

    struct Toy: PooledCoder, ~Copyable {
        static let made = Mutex(0)
        var isBusy = false
        init() { Self.made.withLock { $0 += 1 } }
    }

    static let toys: CoderPool<Toy> = CoderPool { coder in
        if let coder { toys.park(coder) }
    }

    @Test("the coder of a thread that ended serves another one")
    func threads() {
        for _ in 0..<20 {
            var thread = pthread_t()
            let code = pthread_create(
                &thread, nil,
                { _ in
                    let first = LentTests.toys.take()
                    let second = LentTests.toys.take()
                    #expect(first != second && first.pointee.isBusy && second.pointee.isBusy)
                    LentTests.toys.give(second)
                    LentTests.toys.give(first)
                    return nil
                }, nil)
            #expect(code == 0)
            pthread_join(thread, nil)
        }
        #expect(Toy.made.withLock { $0 } == 2)
    }
}
