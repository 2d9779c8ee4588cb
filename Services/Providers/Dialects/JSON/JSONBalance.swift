/// Follows JSON that comes in pieces, only as far as to say whether a value has come to its end.
struct JSONBalance: Sendable, Equatable {
    private var depth = 0
    private var isInText = false
    private var isEscaped = false
    private(set) var hasEnded = false

    mutating func feed(_ piece: String) {
        for byte in piece.utf8 {
            if isInText {
                if isEscaped {
                    isEscaped = false
                } else if byte == 0x5C {
                    isEscaped = true
                } else if byte == 0x22 {
                    isInText = false
                }
                continue
            }
            switch byte {
            case 0x22: isInText = true
            case 0x7B, 0x5B: depth += 1
            case 0x7D, 0x5D:
                depth -= 1
                if depth <= 0 { hasEnded = true }
            default: break
            }
        }
    }
}
