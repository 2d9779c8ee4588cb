/// What the reference says of an endpoint beyond what dispatches it.
public struct Reference: Sendable {
    /// The status of success.
    public internal(set) var status = 200
    /// Other statuses of success, and what each means.
    public internal(set) var others: [Int: String] = [:]
    /// Content types of success; none for an answer without a body.
    public internal(set) var types: [String] = []
    /// Content types of the body; none where no body is read.
    public internal(set) var bodyTypes: [String] = []
    public internal(set) var parameters: [Parameter] = []
    /// Statuses of failure that no rule tells.
    public internal(set) var failures: Set<Int> = []
    /// A body that is taken, as JSON text.
    public internal(set) var example: String?
    public internal(set) var isBodyOptional = false
    /// What each field takes that its type does not tell, by its JSON pointer; `*` is any element.
    public internal(set) var rules: [String: FieldRule] = [:]
}

/// What a field of a body takes, past its type.
public enum FieldRule: Sendable, Equatable {
    case choice([String])
    case length(ClosedRange<Int>)
    case range(ClosedRange<Double>)
}

extension Endpoint {
    /// True when a repeated request with the same `Idempotency-Key` is given the first one's answer:
    /// what makes or charges something.
    public func keyed(_ isKeyed: Bool = true) -> Endpoint {
        changed { $0.isKeyed = isKeyed }
    }

    /// Not counted by any limit: what machines ask over and over to see whether we live.
    public var uncounted: Endpoint { changed { $0.isCounted = false } }

    /// Takes these parameters.
    public func takes(_ parameters: Parameter...) -> Endpoint {
        changed { $0.reference.parameters += parameters }
    }

    /// A list that is read page by page.
    public func paged(_ limit: ClosedRange<Int> = 1...200) -> Endpoint {
        takes(
            .number("limit", limit, "How many items a page has at most"),
            .text("cursor", "The `next_cursor` of the page before"))
    }

    /// Answers with this status, and with content of these types in place of JSON.
    public func answers(_ status: Int, _ types: String...) -> Endpoint {
        changed {
            $0.reference.status = status
            if !types.isEmpty { $0.reference.types = types }
        }
    }

    /// May answer with another status of success.
    public func also(_ status: Int, _ meaning: String) -> Endpoint {
        changed { $0.reference.others[status] = meaning }
    }

    /// A file to be downloaded: whole, in part, or not at all when it is known already.
    public func downloads(_ types: String...) -> Endpoint {
        changed {
            $0.reference.types = types
            $0.reference.others = [206: "A part of it", 304: "What is known already"]
            $0.reference.failures.insert(416)
            $0.reference.parameters += [
                .header("Range", "The part that is asked for: `bytes=0-99`"),
                .header("If-None-Match", "The `ETag` of what is known"),
            ]
        }
    }

    /// Reads a body of these types, or none where it is optional.
    public func reads(_ types: String..., isOptional: Bool = false) -> Endpoint {
        changed { ($0.reference.bodyTypes, $0.reference.isBodyOptional) = (types, isOptional) }
    }

    /// May fail in these ways, beside those that every endpoint has.
    public func fails(_ statuses: Int...) -> Endpoint {
        changed { $0.reference.failures.formUnion(statuses) }
    }

    /// A body that is taken.
    public func example(_ json: String) -> Endpoint { changed { $0.reference.example = json } }

    /// Fields that take less than their type has.
    public func rules(_ rules: [String: FieldRule]) -> Endpoint {
        changed { $0.reference.rules.merge(rules) { $1 } }
    }

    func changed(_ change: (inout Endpoint) -> Void) -> Endpoint {
        var other = self
        change(&other)
        return other
    }
}
