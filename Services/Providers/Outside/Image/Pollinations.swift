public import Curl

/// An image that was made, as it came.
public struct MadeImage: Sendable, Equatable {
    public var content: [UInt8]
    /// By its first bytes, whatever the other side calls it.
    public var contentType: String
    public var seed: Int

    public init(content: [UInt8], contentType: String, seed: Int) {
        (self.content, self.contentType, self.seed) = (content, contentType, seed)
    }
}

/// Has images made by Pollinations (https://github.com/pollinations/pollinations, APIDOCS.md): the
/// same words, size and seed lead to the same image, so that asking twice makes nothing twice.
public struct Pollinations: Sendable {
    /// The most that an image may have, in bytes.
    public static let mostBytes = 8 << 20
    /// Width and height.
    public static let sizes = 16...2_048

    private let exchange: Exchange
    private let base: BaseURL
    private let token: String?

    public init(_ http: HTTPClient, base: BaseURL, token: String? = nil) {
        exchange = Exchange(http: http, name: "the image provider")
        (self.base, self.token) = (base, token)
    }

    /// Makes one image. `model` is Pollinations' name for it, nil for its usual one.
    public func make(
        _ prompt: String, width: Int, height: Int, seed: Int, model: String? = nil,
        within time: Duration
    ) async throws(OutsideFailure) -> MadeImage {
        var url =
            base.text + "/prompt/\(BaseURL.escape(prompt))?width=\(width)&height=\(height)"
            + "&seed=\(seed)&nologo=true&private=true"
        if let model { url += "&model=\(BaseURL.escape(model))" }
        var headers = [("Accept", "image/*"), ("User-Agent", "Atelier")]
        if let token { headers.append(("Authorization", "Bearer \(token)")) }
        let request = ClientRequest(
            url: url, headers: headers, idleTimeout: time, maxBody: Self.mostBytes)
        let response = try await exchange.send(request, within: time) { $0 == 200 }
        guard let type = ImageType.name(of: response.body) else {
            throw OutsideFailure(
                .garbled, "the image provider sent what is no image",
                words: Exchange.words(of: response))
        }
        return MadeImage(content: response.body, contentType: type, seed: seed)
    }

    /// A seed that is the same for the same key.
    public static func seed(of key: String) -> Int {
        // FNV-1a, folded to what every provider takes.
        var hash: UInt64 = 0xCBF2_9CE4_8422_2325
        for byte in key.utf8 { hash = (hash ^ UInt64(byte)) &* 0x100_0000_01B3 }
        return Int((hash >> 32 ^ hash) & 0x7FFF_FFFF)
    }
}

/// What an image is, by its first bytes.
enum ImageType {
    static func name(of bytes: [UInt8]) -> String? {
        if bytes.starts(with: [0xFF, 0xD8, 0xFF]) { return "image/jpeg" }
        if bytes.starts(with: [0x89, 0x50, 0x4E, 0x47, 0x0D, 0x0A, 0x1A, 0x0A]) {
            return "image/png"
        }
        if bytes.starts(with: "GIF8".utf8) { return "image/gif" }
        if bytes.starts(with: "RIFF".utf8), bytes.dropFirst(8).starts(with: "WEBP".utf8) {
            return "image/webp"
        }
        return nil
    }
}
