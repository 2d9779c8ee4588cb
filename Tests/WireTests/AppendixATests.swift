import Testing
import Wire

@Suite("RFC 8949, Appendix A")
struct AppendixATests {
    @Test("every definite example has the notation of the RFC", arguments: AppendixA.accepted)
    func notation(example: AppendixA.Accepted) throws {
        #expect(try Diagnostic.notation(hex(example.bytes)) == example.notation)
    }

    @Test("every example the profile holds is read as its value", arguments: AppendixA.accepted)
    func reading(example: AppendixA.Accepted) throws {
        guard let value = example.value else {
            #expect(throws: WireError.self) {
                try WireDecoder.decode(WireValue.self, from: hex(example.bytes))
            }
            return
        }
        let read = try WireDecoder.decode(WireValue.self, from: hex(example.bytes))
        if case .double(let number) = value, number.isNaN {
            guard case .double(let found) = read else { throw WireError(.typeMismatch, offset: 0) }
            #expect(found.isNaN)
            return
        }
        #expect(read == value)
        // Equality calls the two zeros the same; their sign is kept all the same.
        if case .double(let number) = value, case .double(let found) = read {
            #expect(found.bitPattern == number.bitPattern)
        }
    }

    @Test("every value is written as its example", arguments: AppendixA.accepted)
    func writing(example: AppendixA.Accepted) throws {
        guard let value = example.value else { return }
        switch example.form {
        case .both: #expect(try WireEncoder.encode(value) == hex(example.bytes))
        case .canonical: #expect(try WireEncoder.canonical(value) == hex(example.bytes))
        case .read: #expect(try WireEncoder.encode(value) != hex(example.bytes))
        }
    }

    @Test("every indefinite example is refused where it begins", arguments: AppendixA.indefinite)
    func indefinite(bytes: String, offset: Int) {
        #expect(throws: WireError(.indefinite, offset: offset)) {
            try WireDecoder.decode(WireValue.self, from: hex(bytes))
        }
    }
}
