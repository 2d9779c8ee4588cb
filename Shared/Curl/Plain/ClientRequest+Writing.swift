extension ClientRequest {
    /// Appends the whole message, head and body (RFC 9112, 2 and 3).
    func write(to target: PlainTarget, _ output: inout [UInt8]) {
        output.append(contentsOf: method.utf8)
        output.append(0x20)
        output.append(contentsOf: target.path.utf8)
        output.append(contentsOf: " HTTP/1.1\r\n".utf8)
        // As libcurl has it: who names a host of his own means it.
        if !names("host") { Self.field("Host", target.authority, &output) }
        for (name, value) in headers { Self.field(name, value, &output) }
        if !names("accept") { Self.field("Accept", "*/*", &output) }
        if !body.isEmpty || !["GET", "HEAD", "DELETE"].contains(method) {
            Self.field("Content-Length", String(body.count), &output)
        }
        output.append(contentsOf: "\r\n".utf8)
        output.append(contentsOf: body)
    }

    private static func field(_ name: String, _ value: String, _ output: inout [UInt8]) {
        output.append(contentsOf: name.utf8)
        output.append(contentsOf: (value.isEmpty ? ":" : ": ").utf8)
        output.append(contentsOf: value.utf8)
        output.append(contentsOf: "\r\n".utf8)
    }
}
