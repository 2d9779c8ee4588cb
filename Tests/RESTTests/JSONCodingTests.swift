import FoundationEssentials
import MeshContract
import Testing

@testable import REST

@Suite("JSON as it comes in and goes out")
struct JSONCodingTests {
    struct Agent: Codable, Sendable, Equatable {
        var name: String
        var temperature: Double?
    }

    struct Body: Codable, Sendable, Equatable {
        var maxRounds: Int
        var agents: [Agent]
        var isOffline: Bool?
    }

    private func fault(_ text: String) -> Fault? {
        #expect(throws: Fault.self) {
            try JSONCoding.decode(Body.self, from: Array(text.utf8))
        }
    }

    @Test(
        "what is refused is pointed at",
        arguments: [
            (#"{"agents": []}"#, "/max_rounds", "is missing"),
            (#"{"max_rounds": "3", "agents": []}"#, "/max_rounds", "is not a whole number"),
            (#"{"max_rounds": null, "agents": []}"#, "/max_rounds", "is null"),
            (#"{"max_rounds": 3.5, "agents": []}"#, "/max_rounds", ""),
            (#"{"max_rounds": 1e30, "agents": []}"#, "/max_rounds", ""),
            (#"{"max_rounds": 3, "agents": {}}"#, "/agents", "is not a list"),
            (#"{"max_rounds": 3, "agents": [{"name": "a"}, {}]}"#, "/agents/1/name", "is missing"),
            (#"{"max_rounds": 3, "agents": [7]}"#, "/agents/0", "is not an object"),
            (
                #"{"max_rounds": 3, "agents": [{"name": "a", "temperature": "hot"}]}"#,
                "/agents/0/temperature", "is not a number"
            ),
            (
                #"{"max_rounds": 3, "agents": [], "is_offline": 1}"#, "/is_offline",
                "is not true or false"
            ),
            ("[]", "", ""), ("7", "", ""), ("null", "", ""),
        ])
    func pointers(text: String, pointer: String, what: String) {
        let fault = fault(text)
        #expect(fault?.code == .invalid)
        #expect(fault?.fields?.map(\.pointer) == [pointer])
        if !what.isEmpty { #expect(fault?.fields?.first?.message == what) }
    }

    @Test(
        "what is no JSON is refused, never a trap",
        arguments: [
            "", " ", "{", #"{"max_rounds": }"#, "{'max_rounds': 1}", "\u{0}", "nul",
            #"{"max_rounds": 3, "agents": []} x"#, #"{"max_rounds": 1e99999, "agents": []}"#,
            String(repeating: "[", count: 100_000), #""\ud800""#,
        ])
    func malformed(text: String) {
        #expect(fault(text)?.code == .invalid)
    }

    @Test("bytes that are no UTF-8 are refused")
    func invalidUTF8() {
        let bytes = Array(#"{"max_rounds": 3, "agents": [{"name": ""#.utf8) + [0xFF, 0xFE]
        let fault = #expect(throws: Fault.self) {
            try JSONCoding.decode(Body.self, from: bytes + Array(#""}]}"#.utf8))
        }
        #expect(fault?.code == .invalid)
    }

    @Test("what goes out comes back, in snake_case and with plain slashes")
    func roundTrip() throws {
        let body = Body(maxRounds: 3, agents: [Agent(name: "a/b")], isOffline: true)
        let bytes = try JSONCoding.encode(body)
        let text = String(decoding: bytes, as: UTF8.self)
        #expect(text.contains(#""max_rounds":3"#))
        #expect(text.contains(#""is_offline":true"#))
        #expect(text.contains(#""a/b""#))
        #expect(try JSONCoding.decode(Body.self, from: bytes) == body)
    }

    @Test(
        "names are spelt as the encoder spells them",
        arguments: [
            "maxRounds", "costMicroUSD", "id", "sha256", "isOffline", "aURLOfIt", "inputPrice",
        ])
    func names(name: String) throws {
        struct Key: CodingKey {
            var stringValue: String
            var intValue: Int? { nil }
            init?(intValue: Int) { return nil }
            init(stringValue: String) { self.stringValue = stringValue }
        }
        struct Named: Encodable {
            var name: String
            func encode(to encoder: any Encoder) throws {
                var container = encoder.container(keyedBy: Key.self)
                try container.encode(1, forKey: Key(stringValue: name))
            }
        }
        let text = String(decoding: try JSONCoding.encode(Named(name: name)), as: UTF8.self)
        #expect(text == "{\"\(JSONCoding.snake(name))\":1}")
    }

    @Test("times are read as RFC 3339 has them, with any distance from UTC, and no others")
    func readTimes() {
        for milliseconds in stride(
            from: Int64(-62_135_596_800_000), through: 253_402_300_799_000, by: 98_765_432_101)
        {
            #expect(REST.milliseconds(rfc3339: rfc3339(milliseconds)) == milliseconds)
        }
        #expect(milliseconds(rfc3339: "2026-01-01T00:00:00Z") == 1_767_225_600_000)
        #expect(milliseconds(rfc3339: "2026-01-01t02:00:00.0071+02:00") == 1_767_225_600_007)
        #expect(milliseconds(rfc3339: "2025-12-31T18:30:00.5-05:30") == 1_767_225_600_500)
        #expect(milliseconds(rfc3339: "2024-02-29T00:00:00Z") == 1_709_164_800_000)
        for wrong in [
            "", "2026-01-01", "2026-01-01T00:00:00", "2026-02-29T00:00:00Z", "2026-00-01T00:00:00Z",
            "2026-01-00T00:00:00Z", "2026-01-01T24:00:00Z", "2026-01-01T00:00:00.Z",
            "2026-01-01T00:00:00+0200", "2026-01-01T00:00:00+02:00x", "2026-01-01T00:00:00Zx",
            "2026-04-31T00:00:00Z", "+026-01-01T00:00:00Z", "2026-01-01T00:00:0éZ",
        ] {
            #expect(milliseconds(rfc3339: wrong) == nil, "\(wrong)")
        }
    }

    @Test("times are RFC 3339 in UTC, to the millisecond")
    func times() {
        #expect(rfc3339(0) == "1970-01-01T00:00:00.000Z")
        #expect(rfc3339(1_767_225_600_007) == "2026-01-01T00:00:00.007Z")
        #expect(rfc3339(1_709_164_799_999) == "2024-02-28T23:59:59.999Z")
        #expect(rfc3339(1_709_164_800_000) == "2024-02-29T00:00:00.000Z")
        #expect(rfc3339(951_782_400_000) == "2000-02-29T00:00:00.000Z")
        #expect(rfc3339(-1) == "1969-12-31T23:59:59.999Z")
        #expect(rfc3339(.max) == "9999-12-31T23:59:59.999Z")
        #expect(rfc3339(.min) == "0000-01-01T00:00:00.000Z")
    }

    @Test("times agree with Foundation over the centuries")
    func calendar() {
        var random = SystemRandomNumberGenerator()
        for _ in 0..<2_000 {
            let second = Int64.random(in: -2_000_000_000...20_000_000_000, using: &random)
            let date = Date(timeIntervalSince1970: Double(second))
            let expected = date.formatted(Date.ISO8601FormatStyle())
            #expect(rfc3339(second * 1_000) == expected.dropLast() + ".000Z")
        }
    }
}
