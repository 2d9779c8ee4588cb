import Crypto
import Testing

@testable import StorageService

/// The examples of the page that defines the signature
/// (docs.aws.amazon.com/AmazonS3/latest/API/sig-v4-header-based-auth.html).
@Suite("S3 signatures")
struct SignerTests {
    private static let signer = S3Signer(
        accessKey: "AKIAIOSFODNN7EXAMPLE", secret: "wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY",
        sessionToken: nil, region: "us-east-1")
    private static let time: Int64 = 1_369_353_600
    private static let empty = SHA256.hex([])

    private func signature(_ request: S3Signer.Request) -> String? {
        let headers = Self.signer.headers(for: request, at: Self.time)
        return headers.first { $0.0 == "authorization" }?.1.split(separator: "=").last.map(
            String.init)
    }

    @Test("a part of an object is asked for as in the published example")
    func get() {
        let request = S3Signer.Request(
            method: "GET", host: "examplebucket.s3.amazonaws.com", path: "/test.txt",
            headers: [("range", "bytes=0-9")], payloadHash: Self.empty)
        #expect(
            signature(request)
                == "f0e8bdb87c964420e857bd35b5d6ed310bd44f0170aba48dd91039c6036bdb41")
    }

    @Test("an object whose name needs encoding is put as in the published example")
    func put() {
        let request = S3Signer.Request(
            method: "PUT", host: "examplebucket.s3.amazonaws.com", path: "/test$file.text",
            headers: [
                ("date", "Fri, 24 May 2013 00:00:00 GMT"),
                ("x-amz-storage-class", "REDUCED_REDUNDANCY"),
            ], payloadHash: SHA256.hex(Array("Welcome to Amazon S3.".utf8)))
        #expect(
            signature(request)
                == "98ad721746da40c64f1a55b78f14c238d841ea1380cd77a1b5971af0ece108bd")
    }

    @Test("a list is asked for as in the published example")
    func list() {
        let request = S3Signer.Request(
            method: "GET", host: "examplebucket.s3.amazonaws.com", path: "/",
            query: [("prefix", "J"), ("max-keys", "2")], payloadHash: Self.empty)
        #expect(
            signature(request)
                == "34b48302e7b5fa45bde8084f4b7868a86f0a534bc59db6670ed5711ef69dc6f7")
    }

    @Test("answers are read by element, with their escapes")
    func answers() {
        let xml = "<R><Key>a&amp;b&lt;c&gt;</Key><X/><Key>second</Key><Key>no end"
        #expect(S3Text.elements("Key", in: xml) == ["a&b<c>", "second"])
        #expect(S3Text.elements("None", in: xml).isEmpty)
    }

    @Test("the bucket is in the host's name at AWS, and in the path elsewhere")
    func places() {
        let aws = S3Place(endpoint: nil, bucket: "b", region: "eu-west-1")
        #expect(aws?.host == "b.s3.eu-west-1.amazonaws.com")
        #expect(aws?.path(of: "k/ey") == "/k/ey")
        let own = S3Place(endpoint: "http://minio:9000/", bucket: "b", region: "r")
        #expect(own?.host == "minio:9000")
        #expect(own?.path(of: "k") == "/b/k")
        #expect(S3Place(endpoint: "https://host:443", bucket: "b", region: "r")?.host == "host")
        for wrong in ["minio:9000", "ftp://h", "https://h/path", "https://u@h", "https://"] {
            #expect(S3Place(endpoint: wrong, bucket: "b", region: "r") == nil)
        }
    }
}
