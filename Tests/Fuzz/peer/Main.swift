import Wire

/// What `wire_differential_test.py` talks to: a line with a question, a line with the answer.
///
/// `canonical <hex>` reads a document and writes it in canonical form; `make <seed>` makes a random
/// document, plain and canonical. Bytes that are refused are answered with `refused` and the code.
@main
enum WirePeer {
    static func main() {
        while let line = readLine() {
            let words = line.split(separator: " ")
            do throws(WireError) {
                switch words.first {
                case "canonical" where words.count == 2:
                    let value = try WireDecoder.decode(WireValue.self, from: bytes(words[1]))
                    Console.out(hex(try WireEncoder.canonical(value)))
                case "make" where words.count == 2:
                    var chance = Chance(seed: UInt64(words[1]) ?? 0)
                    let value = chance.value(depth: 5)
                    let plain = hex(try WireEncoder.encode(value))
                    Console.out(plain + " " + hex(try WireEncoder.canonical(value)))
                default: Console.out("unknown")
                }
            } catch {
                Console.out("refused " + error.code.rawValue)
            }
        }
    }

    private static func bytes(_ text: Substring) -> [UInt8] {
        let digits = text.utf8.map { UInt8($0 > 0x39 ? $0 - 0x57 : $0 - 0x30) }
        return stride(from: 0, to: digits.count - 1, by: 2).map {
            digits[$0] << 4 | digits[$0 + 1]
        }
    }

    private static func hex(_ bytes: [UInt8]) -> String {
        let digits = Array("0123456789abcdef".utf8)
        let text = bytes.flatMap { [digits[Int($0 >> 4)], digits[Int($0 & 15)]] }
        return String(decoding: text, as: UTF8.self)
    }
}
