import Log
import Synchronization
import Testing

@Suite("Log")
struct LogTests {
    func line(_ level: LogLevel = .debug, _ write: (Log) -> Void) -> String? {
        let lines = Mutex<[String]>([])
        write(Log("test", level: level, sink: { line in lines.withLock { $0.append(line) } }))
        return lines.withLock { $0.last }
    }

    @Test("a line has time, level, label, sentence and fields, those it carries first")
    func form() throws {
        let line = try #require(
            line { $0.with(["run": "r1"]).with(["step": "2"]).info("it went on", ["n": "3"]) })
        let (time, rest) = (line.prefix(24), line.dropFirst(25))
        #expect(time.hasSuffix("Z") && time.contains("T") && time.utf8.count == 24)
        #expect(rest == "info test: it went on run=r1 step=2 n=3")
    }

    @Test("what is below the level is not written")
    func levels() {
        #expect(line(.warning) { $0.info("quiet") } == nil)
        #expect(line(.warning) { $0.error("loud") }?.contains("error test: loud") == true)
        #expect(LogLevel("warning") == .warning && LogLevel("loud") == nil)
    }

    @Test(
        "no value breaks the line or the field apart",
        arguments: [
            ("two words", #""two words""#), ("", #""""#), ("a=b", #""a=b""#),
            ("say \"x\"", #""say \"x\"""#), ("a\nlevel=info", #""a\nlevel=info""#),
            ("\u{1B}[2J", #""?[2J""#), ("\u{9B}2J", #""?2J""#), ("a\u{2028}b", #""a?b""#),
            ("a\rb", #""a?b""#), ("grün", #""grün""#), ("plain-1.5:/x", "plain-1.5:/x"),
        ])
    func quoting(value: String, written: String) {
        #expect(line { $0.info("x", ["k": value]) }?.hasSuffix(" k=\(written)") == true)
    }

    @Test("a value of any length is kept short")
    func long() {
        let line = line { $0.info("x", ["k": String(repeating: "y", count: 100_000)]) }
        #expect((line?.utf8.count ?? 0) < 600)
    }
}
