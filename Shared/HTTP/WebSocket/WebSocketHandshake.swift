import Crypto
import FoundationEssentials

/// A client's wish to speak WebSocket instead (RFC 6455, 4.2.1), judged.
public struct WebSocketHandshake: Sendable {
    /// Why it is none that can be granted.
    public enum Flaw: Error, Sendable, Equatable {
        /// An ordinary request.
        case notAsked
        /// Another version than 13.
        case version
        /// A key or a field is not as it has to be; with what.
        case malformed(String)
    }

    /// The subprotocols the client speaks, the dearest first.
    public let protocols: [String]
    let accept: String

    /// Judges the head of a request.
    public init(_ request: HTTPRequest) throws(Flaw) {
        let headers = request.headers
        guard request.method == "GET", Self.list(headers.all("upgrade"), has: "websocket"),
            Self.list(headers.all("connection"), has: "upgrade")
        else { throw .notAsked }
        guard headers.all("sec-websocket-version") == ["13"] else { throw .version }
        let keys = headers.all("sec-websocket-key")
        guard keys.count == 1, let key = keys.first, Data(base64Encoded: key)?.count == 16 else {
            throw .malformed("Sec-WebSocket-Key takes 16 bytes in base64")
        }
        let offered = headers.all("sec-websocket-protocol").flatMap(Self.words)
        guard offered.allSatisfy({ !$0.isEmpty && $0.utf8.allSatisfy(Bytes.isToken) }) else {
            throw .malformed("Sec-WebSocket-Protocol takes names with commas between")
        }
        protocols = offered
        accept = Self.accept(key)
    }

    /// The proof that this side has understood: nobody else would add just these words.
    static func accept(_ key: String) -> String {
        let text = key + "258EAFA5-E914-47DA-95CA-C5AB0DC85B11"
        return Data(SHA1.digest(Array(text.utf8))).base64EncodedString()
    }

    private static func words(_ value: String) -> [String] {
        value.split(separator: ",", omittingEmptySubsequences: false).map { word in
            String(word.drop { $0 == " " || $0 == "\t" }.prefix { $0 != " " && $0 != "\t" })
        }
    }

    private static func list(_ values: [String], has word: String) -> Bool {
        values.flatMap(words).contains { $0.lowercased() == word }
    }
}
