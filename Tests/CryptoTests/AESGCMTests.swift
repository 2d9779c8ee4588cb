import Testing

@testable import Crypto

@Suite("AES-256-GCM")
struct AESGCMTests {
    private let key = [UInt8](0..<32)

    @Test("what was sealed is opened by the same key and context", arguments: [0, 1, 16, 1_000])
    func both(count: Int) {
        let plain = randomBytes(count)
        let box = AESGCM.seal(plain, key: key, context: [1, 2])
        #expect(box.count == count + 28)
        #expect(AESGCM.open(box, key: key, context: [1, 2]) == plain)
        #expect(AESGCM.open(box, key: key, context: [1, 3]) == nil)
        #expect(AESGCM.open(box, key: key.reversed(), context: [1, 2]) == nil)
    }

    @Test("a changed byte anywhere, and a missing one, are seen")
    func changed() {
        let box = AESGCM.seal(Array("a secret".utf8), key: key, context: [])
        for index in box.indices {
            var other = box
            other[index] ^= 1
            #expect(AESGCM.open(other, key: key, context: []) == nil)
        }
        #expect(AESGCM.open(Array(box.dropLast()), key: key, context: []) == nil)
        #expect(AESGCM.open([], key: key, context: []) == nil)
    }

    @Test("the same is never sealed alike")
    func nonces() {
        let boxes = (0..<50).map { _ in AESGCM.seal([1], key: key, context: []) }
        #expect(Set(boxes.map { Array($0.prefix(12)) }).count == 50)
    }

    @Test("the published example is opened (the GCM specification, test case 14)")
    func published() {
        func bytes(_ hex: String) -> [UInt8] {
            stride(from: 0, to: hex.utf8.count, by: 2).compactMap {
                UInt8(hex.dropFirst($0).prefix(2), radix: 16)
            }
        }
        let box =
            [UInt8](repeating: 0, count: 12) + bytes("cea7403d4d606b6e074ec5d3baf39d18")
            + bytes("d0d1c8a799996bf0265b98b5d48ab919")
        let zero = [UInt8](repeating: 0, count: 32)
        #expect(AESGCM.open(box, key: zero, context: []) == [UInt8](repeating: 0, count: 16))
    }
}
