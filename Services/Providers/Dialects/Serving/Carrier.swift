/// How one provider's signature travels through another's dialect: in the dialect's own opaque
/// field, marked with where it belongs. Clients give such fields back unchanged, which is what they
/// are for; what comes back is put where it was.
struct Carrier: Sendable, Equatable {
    enum Kind: String, Sendable {
        /// Of the thinking it stands with.
        case thinking = "s"
        /// Thinking that only its provider can read.
        case redacted = "r"
        /// Of the call of that identifier.
        case call = "c"
        /// Of the text before it.
        case text = "t"
        /// None: the thinking it stands with was not signed.
        case unsigned = "u"
    }

    var kind: Kind
    var origin: DialectName
    var id: String
    var data: String

    /// No signature of a provider begins like this: they are base64.
    private static let mark: Character = "~"

    init(_ kind: Kind, _ signature: Signature, id: String = "") {
        (self.kind, origin, self.id) = (kind, signature.origin, id.contains(Self.mark) ? "" : id)
        data = signature.value
    }

    /// Nil for a signature of the dialect itself.
    init?(_ text: String) {
        guard text.first == Self.mark else { return nil }
        let pieces = text.dropFirst().split(
            separator: Self.mark, maxSplits: 3, omittingEmptySubsequences: false)
        guard pieces.count == 4, let origin = DialectName(rawValue: String(pieces[0])),
            let kind = Kind(rawValue: String(pieces[1]))
        else { return nil }
        (self.origin, self.kind) = (origin, kind)
        (id, data) = (String(pieces[2]), String(pieces[3]))
    }

    var text: String {
        let mark = String(Self.mark)
        return mark + [origin.rawValue, kind.rawValue, id, data].joined(separator: mark)
    }

    var signature: Signature { Signature(origin, data) }
}

extension [ContentPart] {
    /// Puts what a carrier brought where it belongs. The parts are those before it.
    mutating func attach(_ carrier: Carrier) {
        guard carrier.kind == .text else { return }
        if case .text(var part)? = last {
            part.signature = carrier.signature
            self[count - 1] = .text(part)
        } else {
            append(.redacted(RedactedPart(carrier.signature)))
        }
    }

    /// The signatures of calls, which came before them.
    mutating func attach(toCalls carriers: [Carrier]) {
        for carrier in carriers {
            for (place, part) in enumerated() {
                guard case .toolCall(var call) = part, call.id == carrier.id else { continue }
                call.signature = carrier.signature
                self[place] = .toolCall(call)
            }
        }
    }
}
