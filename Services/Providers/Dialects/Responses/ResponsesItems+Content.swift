extension ResponsesItems {
    /// A text, or a list of parts.
    static func content(_ field: Field) throws(InvalidRequest) -> [ContentPart] {
        if let text = field.value.string { return [.plain(text)] }
        var parts: [ContentPart] = []
        for item in try field.list("string or array") { parts.append(try part(item)) }
        return parts
    }

    private static func part(_ field: Field) throws(InvalidRequest) -> ContentPart {
        var members = try field.members()
        let type = try members.need("type")
        var cache: CacheMark?
        if let mark = members.take("prompt_cache_breakpoint") {
            cache = CacheMark(reading: try mark.members().rest, style: .breakpoint)
        }
        func native(_ more: Spelling = []) -> Extras {
            Extras(.responses, members.rest, more.union(.native))
        }
        switch try type.text() {
        case "input_text", "output_text", "text":
            let text = try members.need("text").text()
            let isOlder = try type.text() == "text"
            return .text(TextPart(text, cache: cache, extras: native(isOlder ? .older : [])))
        case "refusal":
            let text = try members.need("refusal").text()
            return .text(TextPart(text, isRefusal: true, extras: native()))
        case "input_image":
            var media: MediaPart
            if let url = try members.text("image_url") {
                media = MediaPart(.image, address: url)
            } else {
                media = MediaPart(.image, .file(try members.need("file_id").text()))
            }
            media.detail = try members.text("detail")
            (media.cache, media.extras) = (cache, native())
            return .media(media)
        case "input_file":
            guard var media = try file(&members) else {
                return .other(RawPart(.responses, field.value))
            }
            (media.cache, media.extras) = (cache, native())
            return .media(media)
        case "input_audio":
            var inner = try members.need("input_audio").members()
            var media = MediaPart(.audio, .data(try inner.need("data").text()))
            media.mediaType = "audio/" + (try inner.need("format").text())
            media.extras = native()
            return .media(media)
        default: return .other(RawPart(.responses, field.value))
        }
    }

    private static func file(_ members: inout Members) throws(InvalidRequest) -> MediaPart? {
        let name = try members.text("filename")
        if let data = try members.text("file_data") {
            var media = MediaPart(.document, address: data)
            if case .url = media.source { media.source = .data(data) }
            media.name = name
            return media
        }
        if let url = try members.text("file_url") {
            return MediaPart(.document, .url(url), name: name)
        }
        return try members.text("file_id").map { MediaPart(.document, .file($0), name: name) }
    }
}
