import Crypto
import Testing

@Suite("Ed25519")
struct Ed25519Tests {
    private func bytes(_ hex: String) -> [UInt8] {
        let digits = Array(hex.utf8).map { $0 < 58 ? $0 - 48 : $0 - 87 }
        return stride(from: 0, to: digits.count, by: 2).map { digits[$0] << 4 | digits[$0 + 1] }
    }

    @Test(
        "agrees with the published vectors (RFC 8032, 7.1)",
        arguments: [
            (
                "9d61b19deffd5a60ba844af492ec2cc44449c5697b326919703bac031cae7f60",
                "d75a980182b10ab7d54bfed3c964073a0ee172f3daa62325af021a68f707511a", "",
                "e5564300c360ac729086e2cc806e828a84877f1eb8e5d974d873e065224901555fb88215"
                    + "90a33bacc61e39701cf9b46bd25bf5f0595bbe24655141438e7a100b"
            ),
            (
                "4ccd089b28ff96da9db6c346ec114e0f5b8a319f35aba624da8cf6ed4fb8a6fb",
                "3d4017c3e843895a92b70aa74d1b7ebc9c982ccf2ec4968cc0cd55f12af4660c", "72",
                "92a009a9f0d4cab8720e820b5f642540a2b27b5416503f8fb3762223ebdb69da085ac1e4"
                    + "3e15996e458f3613d0f11d8c387b2eaeb4302aeeb00d291612bb0c00"
            ),
        ])
    func vectors(key: String, publicKey: String, message: String, signature: String) {
        #expect(Ed25519.publicKey(of: bytes(key)) == bytes(publicKey))
        #expect(Ed25519.sign(bytes(message), with: bytes(key)) == bytes(signature))
        #expect(
            Ed25519.verify(bytes(signature), of: bytes(message), by: bytes(publicKey)))
    }

    @Test("one changed bit anywhere, and bytes that are no key, verify nothing")
    func changed() throws {
        let key = Ed25519.makeKey()
        let publicKey = try #require(Ed25519.publicKey(of: key))
        let message = Array("message".utf8)
        let signature = try #require(Ed25519.sign(message, with: key))
        #expect(Ed25519.verify(signature, of: message, by: publicKey))
        for place in 0..<64 {
            var other = signature
            other[place] ^= 1
            #expect(!Ed25519.verify(other, of: message, by: publicKey))
        }
        #expect(!Ed25519.verify(signature, of: message + [0], by: publicKey))
        #expect(!Ed25519.verify(signature, of: message, by: Ed25519.makeKey()))
        #expect(!Ed25519.verify([], of: message, by: publicKey))
        #expect(!Ed25519.verify(signature, of: message, by: [1, 2]))
        #expect(Ed25519.publicKey(of: []) == nil && Ed25519.sign(message, with: [1]) == nil)
    }
}
