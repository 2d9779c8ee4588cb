extension MediaPart {
    /// Reads an address, which can be `data:image/png;base64,…` (RFC 2397).
    init(_ kind: Kind, address: String) {
        guard let (type, data) = Self.split(address) else {
            self.init(kind, .url(address))
            return
        }
        self.init(kind, .data(data), mediaType: type)
    }

    private static func split(_ address: String) -> (type: String, data: String)? {
        guard address.hasPrefix("data:"), let comma = address.firstIndex(of: ",") else {
            return nil
        }
        let head = address[address.index(address.startIndex, offsetBy: 5)..<comma]
        guard head.hasSuffix(";base64") else { return nil }
        let type = String(head.dropLast(7))
        return type.contains(";") ? nil : (type, String(address[address.index(after: comma)...]))
    }

    /// The address that holds the data itself, or points at it; nil for a provider's file.
    var address: String? {
        switch source {
        case .data(let data): "data:\(typeOrGuess);base64,\(data)"
        case .url(let url): url
        case .file, .text: nil
        }
    }

    /// The words of a document, with its name, for dialects that have no place for one.
    var words: TextPart? {
        guard case .text(let text) = source else { return nil }
        return TextPart(name.map { "\($0)\n\n\(text)" } ?? text, cache: cache)
    }

    /// What was said, else what the first bytes say.
    var typeOrGuess: String {
        if let mediaType { return mediaType }
        guard case .data(let data) = source else { return Self.usual[kind] ?? "" }
        let known = [
            ("/9j/", "image/jpeg"), ("iVBOR", "image/png"), ("R0lGOD", "image/gif"),
            ("UklGR", kind == .audio ? "audio/wav" : "image/webp"), ("JVBERi", "application/pdf"),
        ]
        return known.first { data.hasPrefix($0.0) }?.1 ?? Self.usual[kind] ?? ""
    }

    private static let usual: [Kind: String] = [
        .image: "image/png", .audio: "audio/wav", .video: "video/mp4",
        .document: "application/pdf",
    ]
}
