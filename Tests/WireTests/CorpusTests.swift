import FoundationEssentials
import Testing

@testable import Wire

/// What fuzzing has found worth keeping, held against the same laws at every run of the tests.
@Suite("The corpus that fuzzing has left")
struct CorpusTests {
    private static let documents: [[UInt8]] = {
        let tests = "/" + #filePath.split(separator: "/").dropLast(2).joined(separator: "/")
        let folder = tests + "/Fixtures/fuzz/wire"
        let names = (try? FileManager.default.contentsOfDirectory(atPath: folder)) ?? []
        return names.sorted().compactMap { name in
            (try? Data(contentsOf: URL(filePath: folder + "/" + name))).map { [UInt8]($0) }
        }
    }()

    private func breach(of bytes: [UInt8]) -> WireError? {
        do throws(WireError) {
            try bytes.withUnsafeBufferPointer { buffer throws(WireError) in
                guard let base = buffer.baseAddress, !buffer.isEmpty else {
                    throw WireError(.truncated, offset: 0)
                }
                var validator = Validator()
                try validator.check(base, count: buffer.count)
            }
            return nil
        } catch {
            return error
        }
    }

    private func refusal<T: Decodable>(_ type: T.Type, _ bytes: [UInt8]) -> WireError? {
        do throws(WireError) {
            _ = try WireDecoder.decode(type, from: bytes)
            return nil
        } catch {
            return error
        }
    }

    @Test("every document is refused for the same reason by every way of reading, or by none")
    func sameReason() {
        #expect(Self.documents.count > 20)
        var refused = 0
        for bytes in Self.documents {
            guard let breach = breach(of: bytes) else {
                #expect(throws: Never.self) { try Diagnostic.notation(bytes) }
                continue
            }
            refused += 1
            for other in [
                refusal(WireValue.self, bytes), refusal(Hot.self, bytes),
                refusal(Plain.self, bytes), refusal([String: [Hot]].self, bytes),
                refusal(Sample.self, bytes),
            ] {
                #expect(other?.code == breach.code && other?.offset == breach.offset)
            }
        }
        #expect(refused < Self.documents.count)
    }

    @Test("an open value of the corpus comes back, and has one canonical form")
    func roundTrip() throws {
        for bytes in Self.documents {
            guard let value = try? WireDecoder.decode(WireValue.self, from: bytes) else { continue }
            let written = try WireEncoder.encode(value)
            let again = try WireDecoder.decode(WireValue.self, from: written)
            #expect(try WireEncoder.encode(again) == written)
            #expect(try WireEncoder.canonical(again) == WireEncoder.canonical(value))
        }
    }
}
