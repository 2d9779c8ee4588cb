public import MeshContract

/// An e-mail before it is sent.
public struct Letter: Sendable, Equatable {
    /// A file that goes with it.
    public struct Attachment: Sendable, Equatable {
        public var name: String
        public var contentType: String
        public var content: [UInt8]

        public init(name: String, contentType: String, content: [UInt8]) {
            (self.name, self.contentType, self.content) = (name, contentType, content)
        }
    }

    public var to: [String]
    public var subject: String
    public var html: String
    /// For readers without HTML.
    public var text: String
    public var replyTo: String?
    public var attachments: [Attachment]

    public init(
        to: [String], subject: String, html: String, text: String, replyTo: String? = nil,
        attachments: [Attachment] = []
    ) {
        (self.to, self.subject, self.html, self.text) = (to, subject, html, text)
        (self.replyTo, self.attachments) = (replyTo, attachments)
    }

    /// The most that its bodies and files may have in all, in bytes.
    public static let mostBytes = 14 << 20
    private static let mostRecipients = 10
    private static let mostAttachments = 10

    /// What is wrong with it, field by field; empty for what can be sent.
    public var faults: [FieldFault] {
        var faults: [FieldFault] = []
        if !(1...Self.mostRecipients).contains(to.count) {
            faults.append(FieldFault("/to", "has 1 to \(Self.mostRecipients) addresses"))
        }
        for (index, address) in to.enumerated() where !Self.isAddress(address) {
            faults.append(FieldFault("/to/\(index)", "is no e-mail address"))
        }
        if let replyTo, !Self.isAddress(replyTo) {
            faults.append(FieldFault("/replyTo", "is no e-mail address"))
        }
        if subject.allSatisfy(\.isWhitespace) || subject.utf8.count > 500
            || !Self.isOneLine(subject)
        {
            faults.append(FieldFault("/subject", "is one line of 1 to 500 bytes"))
        }
        if html.isEmpty && text.isEmpty { faults.append(FieldFault("/text", "is empty")) }
        if attachments.count > Self.mostAttachments {
            faults.append(FieldFault("/attachments", "are \(Self.mostAttachments) at most"))
        }
        for (index, file) in attachments.enumerated() where !Self.isFileName(file.name) {
            faults.append(
                FieldFault("/attachments/\(index)/name", "is a file name of 1 to 200 bytes"))
        }
        let files = attachments.reduce(0) { $0 + $1.content.count }
        if files + html.utf8.count + text.utf8.count > Self.mostBytes {
            faults.append(FieldFault("/attachments", "have more than \(Self.mostBytes) bytes"))
        }
        return faults
    }

    /// `name@host.tld` in ASCII (of RFC 5321, 4.1.2, the form that people have).
    public static func isAddress(_ text: String) -> Bool {
        let parts = text.split(separator: "@", omittingEmptySubsequences: false)
        guard text.utf8.count <= 254, parts.count == 2, (1...64).contains(parts[0].utf8.count)
        else { return false }
        let isLocal = parts[0].utf8.allSatisfy { byte in
            byte > 0x20 && byte < 0x7F && !"()<>[]:;,\\\"".utf8.contains(byte)
        }
        let labels = parts[1].split(separator: ".", omittingEmptySubsequences: false)
        let isHost =
            labels.count >= 2
            && labels.allSatisfy { label in
                (1...63).contains(label.utf8.count) && label.first != "-" && label.last != "-"
                    && label.utf8.allSatisfy { byte in
                        (0x30...0x39).contains(byte) || (0x61...0x7A).contains(byte | 0x20)
                            || byte == 0x2D
                    }
            }
        return isLocal && isHost && parts[0].first != "." && parts[0].last != "."
            && !parts[0].contains("..")
    }

    private static func isOneLine(_ text: String) -> Bool {
        text.unicodeScalars.allSatisfy { $0.value >= 32 && $0.value != 127 }
    }

    private static func isFileName(_ name: String) -> Bool {
        (1...200).contains(name.utf8.count) && isOneLine(name) && !name.contains("/")
            && !name.contains("\\") && name != "." && name != ".."
    }
}
