import Crypto
import Testing

@Suite("Others' signatures")
struct PublicKeyTests {
    private struct Nothing: Decodable {}

    private func bytes(_ text: String) throws -> [UInt8] { try #require(Base64URL.decode(text)) }

    @Test("ES256 and EdDSA agree with the published vectors (RFC 7515 A.3, RFC 8037 A.4)")
    func vectors() throws {
        let curve = try #require(
            PublicKey(
                p256X: try bytes("f83OJ3D2xF1Bg8vub9tLe1gHMzV76e8Tus9uPHvRVEU"),
                y: try bytes("x_FEzRu9m36HLN_tue659LNpXW6pCyStikYjKIWI5a0")))
        let signed = try #require(
            UnverifiedJWT(
                "eyJhbGciOiJFUzI1NiJ9.eyJpc3MiOiJqb2UiLA0KICJleHAiOjEzMDA4MTkzODAsDQogImh0dHA6Ly9"
                    + "leGFtcGxlLmNvbS9pc19yb290Ijp0cnVlfQ.DtEhU3ljbEg8L38VWAfUAqOyKAM6-Xx-F4GawxaepmX"
                    + "FCgfTjDxw5djxLa8ISlSApmWQxfKTUJqPP3-Kg6NU1Q"))
        #expect(signed.claimedIssuer == "joe")
        #expect(signed.claims(verifiedBy: curve, as: Nothing.self) != nil)
        let edwards = try #require(
            PublicKey(ed25519: try bytes("11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo")))
        let signature = try bytes(
            "hgyY0il_MGCjP0JzlnLWG1PPOt7-09PGcvMg3AIbQR6dWbhijcNR4ki4iylGjg5BhVsPt9g7sVvpAr_MuM0KAg"
        )
        let text = Array("eyJhbGciOiJFZERTQSJ9.RXhhbXBsZSBvZiBFZDI1NTE5IHNpZ25pbmc".utf8)
        #expect(edwards.verify(signature, of: text))
        #expect(!edwards.verify(signature, of: text + [0]))
        #expect(!curve.verify(signature, of: text))
        #expect(signed.claims(verifiedBy: edwards, as: Nothing.self) == nil)
    }

    @Test("what is no key is none: short or even numbers, points beside the curve, other lengths")
    func refused() {
        let odd = [UInt8](repeating: 0xff, count: 256)
        #expect(PublicKey(rsaModulus: odd, exponent: [1, 0, 1]) != nil)
        #expect(PublicKey(rsaModulus: [0] + odd, exponent: [0, 3]) != nil)
        #expect(PublicKey(rsaModulus: Array(odd.dropLast()), exponent: [3]) == nil)
        #expect(PublicKey(rsaModulus: [0x7f] + odd.dropLast(), exponent: [3]) == nil)
        #expect(PublicKey(rsaModulus: odd + odd + odd + odd + [1], exponent: [3]) == nil)
        for exponent in [[], [0], [1], [2], Array(repeating: 3, count: 9)] as [[UInt8]] {
            #expect(PublicKey(rsaModulus: odd, exponent: exponent) == nil)
        }
        let one = [UInt8](repeating: 1, count: 32)
        #expect(PublicKey(p256X: one, y: one) == nil)
        #expect(PublicKey(p256X: one, y: []) == nil)
        #expect(PublicKey(ed25519: [1, 2]) == nil)
    }

    @Test("a signature of any bytes is refused, never a crash")
    func junk() throws {
        let edwards = try #require(
            PublicKey(ed25519: Ed25519.publicKey(of: Ed25519.makeKey()) ?? []))
        let rsa = try #require(
            PublicKey(rsaModulus: [UInt8](repeating: 0xff, count: 256), exponent: [3]))
        let curve = try #require(
            PublicKey(
                p256X: try bytes("f83OJ3D2xF1Bg8vub9tLe1gHMzV76e8Tus9uPHvRVEU"),
                y: try bytes("x_FEzRu9m36HLN_tue659LNpXW6pCyStikYjKIWI5a0")))
        for key in [edwards, rsa, curve] {
            for count in [0, 1, 63, 64, 65, 255, 256, 257] {
                for byte in [0, 1, 0x7f, 0xff] as [UInt8] {
                    let junk = [UInt8](repeating: byte, count: count)
                    #expect(!key.verify(junk, of: Array("text".utf8)))
                }
            }
        }
    }
}
