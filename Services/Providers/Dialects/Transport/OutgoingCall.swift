/// A request ready to be sent. Its description leaves the fields out, which hold the key.
public struct OutgoingCall: Sendable {
    public let method: String
    public let url: String
    public let headers: [(name: String, value: String)]
    public let body: [UInt8]

    init(url: String, headers: [(name: String, value: String)], body: JSONObject) {
        (method, self.url, self.headers) = ("POST", url, headers)
        self.body = JSONValue.object(body).bytes
    }

    /// A call that reads.
    init(reading url: String, headers: [(name: String, value: String)]) {
        (method, self.url, self.headers, body) = ("GET", url, headers, [])
    }
}

extension OutgoingCall: CustomStringConvertible, CustomReflectable {
    public var description: String { "\(method) \(url), \(body.count) bytes" }
    public var customMirror: Mirror { Mirror(self, children: ["url": url]) }
}
