import Crypto
import Testing

@Suite("Crypto")
struct CryptoTests {
    @Test("SHA-256 and HMAC agree with the published vectors (FIPS 180-4, RFC 4231)")
    func vectors() {
        #expect(
            SHA256.hex(Array("abc".utf8))
                == "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad")
        #expect(
            SHA256.hex([])
                == "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855")
        #expect(
            Hex.encode(
                SHA256.hmac(Array("what do ya want for nothing?".utf8), key: Array("Jefe".utf8)))
                == "5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843")
    }

    @Test("base64url has one spelling for each value (RFC 4648)")
    func base64() {
        for (plain, text) in [
            ("", ""), ("f", "Zg"), ("fo", "Zm8"), ("foo", "Zm9v"), ("foob", "Zm9vYg"),
        ] {
            #expect(Base64URL.encode(Array(plain.utf8)) == text)
            #expect(Base64URL.decode(text) == Array(plain.utf8))
        }
        #expect(Base64URL.encode([0xFB, 0xFF]) == "-_8")
        for wrong in ["Zh", "Z", "Zg==", "Z+8", "Zm9v Yg"] {
            #expect(Base64URL.decode(wrong) == nil)
        }
    }

    @Test("a password verifies against its own hash only, and each hash has its own salt")
    func password() {
        let (first, second) = (Password.hash("correct horse"), Password.hash("correct horse"))
        #expect(first != second)
        #expect(Password.verify("correct horse", against: first))
        #expect(!Password.verify("correct horsf", against: first))
        #expect(!Password.verify("", against: first))
        for broken in [
            "", "scrypt$1$2", "scrypt$99999999999$8$1$AA$AA", "plain", "$scrypt$ln=15,r=8,p=1$AA",
            "$scrypt$ln=63,r=8,p=1$AA$AA", "$scrypt$ln=15,r=8$AA$AA", "$scrypt$r=8,ln=15,p=1$AA$AA",
            "$argon2id$ln=15,r=8,p=1$AA$AA", "$scrypt$ln=15,r=8,p=1$-_$AA",
        ] {
            #expect(!Password.verify("correct horse", against: broken), "\(broken)")
        }
    }

    @Test("a hash is written as others write it (PHC), and the older spelling still counts")
    func spelling() {
        // Made by Python's hashlib.
        let phc =
            "$scrypt$ln=15,r=8,p=1$AAECAwQFBgcICQoLDA0ODw$"
            + "XGYmKKxOsQaKKH4qoqICriSOmNsE1h0zJ+c0LbbscJc"
        let older =
            "scrypt$32768$8$1$AAECAwQFBgcICQoLDA0ODw$"
            + "XGYmKKxOsQaKKH4qoqICriSOmNsE1h0zJ-c0LbbscJc"
        #expect(Password.verify("correct horse", against: phc))
        #expect(Password.verify("correct horse", against: older))
        #expect(!Password.verify("correct horsf", against: phc))
        #expect(Password.hash("x").hasPrefix("$scrypt$ln=15,r=8,p=1$"))
        #expect(!Password.isOutdated(phc))
        #expect(Password.isOutdated(older))
        #expect(Password.isOutdated("$scrypt$ln=14,r=8,p=1$AA$AA"))
    }

    struct Claims: Codable, Equatable {
        var sub: String
        var exp: Int64?
        var nbf: Int64?
    }

    @Test("a token is read back by its own key until it expires")
    func token() throws {
        let jwt = JWT(key: Array("0123456789abcdef0123456789abcdef".utf8))
        let claims = Claims(sub: "usr_1", exp: 100, nbf: 10)
        let token = try jwt.sign(claims)
        #expect(try jwt.verify(token, as: Claims.self, now: 50) == claims)
        #expect(throws: JWT.Refusal.expired) { try jwt.verify(token, as: Claims.self, now: 100) }
        #expect(throws: JWT.Refusal.notYetValid) { try jwt.verify(token, as: Claims.self, now: 9) }
        #expect(throws: JWT.Refusal.signature) {
            try JWT(key: [1]).verify(token, as: Claims.self, now: 50)
        }
    }

    @Test("a forged algorithm, a cut token and a changed claim are refused")
    func forged() throws {
        let jwt = JWT(key: Array("key".utf8))
        let token = try jwt.sign(Claims(sub: "usr_1"))
        let parts = token.split(separator: ".").map(String.init)
        let none = Base64URL.encode(Array(#"{"alg":"none"}"#.utf8))
        #expect(throws: JWT.Refusal.algorithm) {
            try jwt.verify("\(none).\(parts[1]).", as: Claims.self, now: 0)
        }
        let other = Base64URL.encode(Array(#"{"sub":"usr_2"}"#.utf8))
        #expect(throws: JWT.Refusal.signature) {
            try jwt.verify("\(parts[0]).\(other).\(parts[2])", as: Claims.self, now: 0)
        }
        for broken in [
            "", "a.b", "a.b.c.d", "\(parts[0]).\(parts[1])", String(repeating: "a", count: 9_000),
        ] {
            #expect(throws: JWT.Refusal.malformed) {
                try jwt.verify(broken, as: Claims.self, now: 0)
            }
        }
    }
}
