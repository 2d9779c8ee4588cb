import Testing

@testable import Zip

@Suite("Zip files")
struct ZipTests {
    private static let entries = [
        ZipLayout.Entry(name: "a.txt", crc32: 1, size: 3, modified: 0),
        ZipLayout.Entry(name: "dir/ü.txt", crc32: 2, size: 0, modified: 0),
        ZipLayout.Entry(name: "dir/b.bin", crc32: 3, size: 100, modified: 0),
    ]

    /// The bytes of a range, with an entry's content as its number.
    private func bytes(_ layout: ZipLayout, _ range: Range<Int>) -> [UInt8] {
        layout.pieces(in: range).flatMap { piece -> [UInt8] in
            switch piece {
            case .bytes(let bytes): bytes
            case .content(let entry, let range):
                [UInt8](repeating: UInt8(entry + 1), count: range.count)
            }
        }
    }

    @Test("any part of the plan is the same part of the whole")
    func parts() {
        let layout = ZipLayout(Self.entries)
        let whole = bytes(layout, 0..<layout.count)
        #expect(whole.count == layout.count)
        for from in 0...layout.count {
            for count in [1, 2, 30, 101, layout.count] {
                let end = min(from + count, layout.count)
                #expect(bytes(layout, from..<end) == Array(whole[from..<end]))
            }
        }
        #expect(layout.pieces(in: layout.count..<layout.count + 5).isEmpty)
    }

    @Test("a plan without entries is an empty zip file")
    func empty() {
        let layout = ZipLayout([])
        #expect(
            bytes(layout, 0..<layout.count) == [0x50, 0x4B, 5, 6] + [UInt8](repeating: 0, count: 18)
        )
    }

    @Test("beyond four gibibytes the sizes are ZIP64's")
    func large() {
        let layout = ZipLayout([
            ZipLayout.Entry(name: "big", crc32: 0, size: 5 << 30, modified: 0),
            ZipLayout.Entry(name: "behind", crc32: 0, size: 1, modified: 0),
        ])
        #expect(layout.count > 5 << 30)
        let tail = bytes(layout, layout.count - 98..<layout.count)
        #expect(Array(tail[..<4]) == [0x50, 0x4B, 6, 6])
        #expect(Array(tail[76..<80]) == [0x50, 0x4B, 5, 6])
        #expect(Array(tail[92..<96]) == [0xFF, 0xFF, 0xFF, 0xFF])
        let middle = layout.pieces(in: 4 << 30..<(4 << 30) + 10)
        #expect(middle == [.content(entry: 0, (4 << 30) - 53..<(4 << 30) - 43)])
    }

    @Test("sums are zlib's, in one or in parts")
    func sums() {
        let text = Array("123456789".utf8)
        #expect(Deflate.crc32(text) == 0xCBF4_3926)
        #expect(
            Deflate.crc32(Array(text[4...]), after: Deflate.crc32(Array(text[..<4]))) == 0xCBF4_3926
        )
        #expect(Deflate.crc32([]) == 0)
    }

    @Test("moments outside of what zip can say are at its ends")
    func moments() {
        #expect(ZipRecords.moment(0) == (0, 1 << 5 | 1))
        #expect(ZipRecords.moment(.max).day >> 9 == 127)
        #expect(
            ZipRecords.moment(1_709_251_199_000) == (23 << 11 | 59 << 5 | 29, 44 << 9 | 2 << 5 | 29)
        )
    }
}
