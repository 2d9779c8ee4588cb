import Console
import Testing

@Suite("Flags")
struct FlagsTests {
    enum Plan: String, Codable { case free, pro }

    struct Reference: Codable, Equatable {
        var name: String
        var content: String?
    }

    struct Form: Codable {
        var account: String
        var amount: Int64
        var ratio: Double?
        var isNew: Bool?
        var plan: Plan?
        var words: [String]?
        var reference: Reference?
    }

    static let known = ["account", "amount", "ratio", "isNew", "plan", "words", "reference"]

    func form(_ arguments: String...) throws -> Form {
        try Flags(arguments).decode(Form.self, known: Self.known)
    }

    /// What the person who typed it is told.
    func refusal(_ arguments: String...) -> String? {
        do {
            _ = try Flags(arguments).decode(Form.self, known: Self.known)
            return nil
        } catch { return (error as? UsageError)?.description ?? "another error: \(error)" }
    }

    @Test("pairs and the form with = fill a record; what is optional may be missing")
    func pairs() throws {
        let one = try form("--account", "ada", "--amount=12")
        #expect(one.account == "ada" && one.amount == 12)
        #expect(one.ratio == nil && one.isNew == nil && one.words == nil)
        let two = try form("--amount", "3", "--account=", "--ratio", "0.5")
        #expect(two.account == "" && two.ratio == 0.5)
        #expect(try form("--account=a=b", "--amount", "1").account == "a=b")
    }

    @Test("negative numbers are values, not flags")
    func negative() throws {
        #expect(try form("--account", "a", "--amount", "-5").amount == -5)
        #expect(try form("--amount=-5", "--account", "-").amount == -5)
        #expect(try form("--account", "a", "--amount", "1", "--ratio", "-0.25").ratio == -0.25)
        #expect(try form("--account=--odd", "--amount", "1").account == "--odd")
    }

    @Test("a flag alone is true where a Bool is wanted, and nowhere else")
    func booleans() throws {
        #expect(try form("--account", "a", "--amount", "1", "--isNew").isNew == true)
        #expect(try form("--isNew", "--account", "a", "--amount", "1").isNew == true)
        #expect(try form("--isNew", "false", "--account", "a", "--amount", "1").isNew == false)
        #expect(refusal("--account", "--amount", "1") == "--account needs a value")
        #expect(refusal("--account", "a", "--amount") == "--amount needs a value")
        #expect(
            refusal("--account", "a", "--amount", "1", "--isNew", "perhaps")
                == "--isNew takes Bool, not \"perhaps\"")
    }

    @Test("what is no plain value is JSON, and a word needs no quotes")
    func json() throws {
        let form = try form(
            "--account", "a", "--amount", "1", "--words", #"["x","y"]"#, "--reference",
            #"{"name":"n"}"#, "--plan", "pro")
        #expect(form.words == ["x", "y"])
        #expect(form.reference == Reference(name: "n"))
        #expect(form.plan == .pro)
        #expect(
            try self.form("--account", "a", "--amount", "1", "--plan", #""free""#).plan == .free)
        #expect(
            refusal("--account", "a", "--amount", "1", "--words", "x")
                == "--words takes JSON for Array<String>")
        #expect(
            refusal("--account", "a", "--amount", "1", "--plan", "golden")
                == "--plan takes JSON for Plan")
    }

    @Test("what is missing, unknown, given twice or no flag is named")
    func refusals() {
        #expect(refusal("--amount", "1") == "--account is missing")
        #expect(refusal() == "--account is missing")
        #expect(refusal("--account", "a", "--account", "b") == "--account is given twice")
        #expect(refusal("--account", "a", "--account=b") == "--account is given twice")
        #expect(refusal("account", "a")?.hasPrefix("account is no flag") == true)
        #expect(refusal("--account", "a", "b")?.hasPrefix("b is no flag") == true)
        #expect(refusal("--")?.hasPrefix("-- is no flag") == true)
        #expect(refusal("--=x") == "--=x has no name")
        #expect(refusal("-a", "x")?.hasPrefix("-a is no flag") == true)
        let unknown = refusal("--acount", "a", "--amount", "1")
        #expect(unknown?.hasPrefix("--acount is not known here; there is --account") == true)
        #expect(
            refusal("--account", "a", "--amount", "many") == "--amount takes Int64, not \"many\"")
        #expect(refusal("--account", "a", "--amount", "9223372036854775808") != nil)
        #expect(refusal("--account", "a", "--amount", "1.5") != nil)
    }

    @Test("a field may be written with hyphens, as the methods are")
    func hyphens() throws {
        #expect(try form("--account", "a", "--amount", "1", "--is-new", "true").isNew == true)
        #expect(refusal("--account", "a", "--amount", "1", "--is-new", "--isNew") != nil)
    }

    @Test("a command reads single flags, and refuses strangers")
    func single() throws {
        let flags = try Flags(["--data", "/tmp/x", "--verbose"])
        #expect(try flags.text("data") == "/tmp/x")
        #expect(try flags.text("absent") == nil)
        #expect(throws: UsageError("--verbose needs a value")) { try flags.text("verbose") }
        #expect(flags.names == ["data", "verbose"])
        try flags.check(known: ["data", "verbose"])
        #expect(throws: UsageError("--verbose is not known here; there is --data")) {
            try flags.check(known: ["data"])
        }
        #expect(throws: UsageError("--data is not known here; there is none")) {
            try flags.check(known: [])
        }
    }
}
