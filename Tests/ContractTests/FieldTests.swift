import MeshContract
import Testing

@Suite("Fields and cards")
struct FieldTests {
    enum Desk: MeshService {
        static let name = "desk"
    }

    struct Colour: Codable, Sendable {
        var name: String
        var inner: [Colour]?
    }

    enum Kind: String, Codable, Sendable, CaseIterable { case plain, fancy }

    struct Paint: MeshMethod {
        typealias Service = Desk
        static let name = "paint"
        static let summary = "Paints."
        static let traits = MethodTraits.longPoll.callers("gateway", "storage")
        typealias Reply = Colour
        var text: String
        var count: Int64
        var ratio: Double
        var isDone: Bool
        var kind: Kind
        var bytes: [UInt8]
        var colours: [String: [Colour]]
        var maybe: Int?
        var perhaps: Colour?
    }

    @Test("fields come in declared order, with types, optionals marked")
    func fields() {
        let fields = Field.of(Paint.self)
        #expect(
            fields.map(\.name) == [
                "text", "count", "ratio", "isDone", "kind", "bytes", "colours", "maybe", "perhaps",
            ])
        #expect(fields.filter(\.isOptional).map(\.name) == ["maybe", "perhaps"])
        #expect(
            fields.map(\.type) == [
                "String", "Int64", "Double", "Bool", "Kind", "Array<UInt8>",
                "Dictionary<String, Array<Colour>>", "Int", "Colour",
            ])
    }

    @Test("what is no record has no fields, and describing it does no harm")
    func plain() {
        #expect(Field.of(String.self).isEmpty)
        #expect(Field.of([Int].self).isEmpty)
        #expect(Field.of(Kind.self).isEmpty)
        #expect(Field.of(Done.self).isEmpty)
    }

    @Test("a signature tells traits, both sides and the records within, each once")
    func signature() {
        let card = Contract(Desk.self, Paint.self).methods[0]
        #expect(
            card.signature == """
                paint (repeatable, long poll, by gateway storage)
                  > text: String
                  > count: Int64
                  > ratio: Double
                  > isDone: Bool
                  > kind: Kind
                  > bytes: Array<UInt8>
                  > colours: Dictionary<String, Array<Colour>>
                  > maybe: Int?
                  > perhaps: Colour?
                  < name: String
                  < inner: Array<Colour>?
                  Colour
                    - name: String
                    - inner: Array<Colour>?

                """)
        #expect(card.usage.hasPrefix("paint --text <String> --count <Int64>"))
        #expect(card.usage.hasSuffix("[--maybe <Int>] [--perhaps <Colour>]"))
    }

    @Test("a fault says which errors may pass, and keeps its words apart")
    func faults() {
        for code in [Fault.Code.overloaded, .unavailable, .timedOut] {
            #expect(Fault(code, "x").isTransient)
        }
        for code in [Fault.Code.invalid, .denied, .notFound, .conflict, .internal, .noCredits] {
            #expect(!Fault(code, "x").isTransient)
        }
        let fault = Fault(.invalid, "no", detail: "why", fields: [FieldFault("/a", "is odd")])
        #expect(fault.description == "invalid: no (why); /a is odd")
    }
}
