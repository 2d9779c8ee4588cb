/// A request ready to be sent. Its description leaves the fields out, which hold the key.
public struct OutgoingCall: Sendable {
    public let method: String
    public let url: String
    public let headers: [(name: String, value: String)]
    public let body: [UInt8]

    init(
        url: String, headers: [(name: String, value: String)], body: [UInt8]
    ) {
        method = "POST"
        self.url = url
        self.headers = headers
        self.body = body
    }
}

extension OutgoingCall: CustomStringConvertible, CustomReflectable {
    public var description: String { "\(method) \(url), \(body.count) bytes" }
    public var customMirror: Mirror { Mirror(self, children: ["url": url]) }
}
