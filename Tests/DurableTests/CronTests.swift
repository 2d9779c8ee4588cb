import Durable
import FoundationEssentials
import Testing

@Suite struct CronTests {
    private static func time(_ text: String) throws -> Int64 {
        Int64(try Date(text, strategy: .iso8601).timeIntervalSince1970) * 1_000
    }

    private static func text(_ time: Int64) -> String {
        Date(timeIntervalSince1970: Double(time) / 1_000).formatted(.iso8601)
    }

    @Test(
        "the next moment is the first that fits",
        arguments: [
            ("* * * * *", "2026-01-01T00:00:00Z", "2026-01-01T00:01:00Z"),
            ("*/15 * * * *", "2026-01-01T00:46:00Z", "2026-01-01T01:00:00Z"),
            ("5/20 3 * * *", "2026-01-01T03:05:00Z", "2026-01-01T03:25:00Z"),
            ("0 9-17 * * mon-fri", "2026-01-02T17:00:00Z", "2026-01-05T09:00:00Z"),
            ("0 0 31 * *", "2026-01-31T00:00:00Z", "2026-03-31T00:00:00Z"),
            ("0 0 29 feb *", "2026-01-01T00:00:00Z", "2028-02-29T00:00:00Z"),
            ("0 0 29 2 *", "2096-03-01T00:00:00Z", "2104-02-29T00:00:00Z"),
            // Either day is enough where both are restricted.
            ("0 12 13 * fri", "2026-02-07T00:00:00Z", "2026-02-13T12:00:00Z"),
            ("0 12 13 * fri", "2026-02-14T00:00:00Z", "2026-02-20T12:00:00Z"),
            ("30 4 1,15 * 5", "2026-01-01T04:30:00Z", "2026-01-02T04:30:00Z"),
            ("0 0 * * 7", "2026-01-01T00:00:00Z", "2026-01-04T00:00:00Z"),
            ("59 23 31 12 *", "2026-12-31T23:58:30Z", "2026-12-31T23:59:00Z"),
            ("59 23 31 12 *", "2026-12-31T23:59:00Z", "2027-12-31T23:59:00Z"),
            ("@hourly", "2026-01-01T00:00:00Z", "2026-01-01T01:00:00Z"),
            ("@weekly", "2026-01-01T00:00:00Z", "2026-01-04T00:00:00Z"),
            ("@Monthly", "2026-01-31T10:00:00Z", "2026-02-01T00:00:00Z"),
        ])
    func next(expression: String, after: String, expected: String) throws {
        let next = try Cron(expression).next(after: try Self.time(after))
        #expect(Self.text(try #require(next)) == expected)
    }

    @Test(
        "an offset moves the clock of the expression",
        arguments: [
            ("+05:30", "2026-01-01T00:00:00Z", "2026-01-01T03:30:00Z"),
            ("-08:00", "2026-01-01T18:00:00Z", "2026-01-02T17:00:00Z"),
            ("UTC", "2026-01-01T00:00:00Z", "2026-01-01T09:00:00Z"),
        ])
    func zone(zone: String, after: String, expected: String) throws {
        let next = try Cron("0 9 * * *", zone: zone).next(after: try Self.time(after))
        #expect(Self.text(try #require(next)) == expected)
    }

    @Test("moments before 1970 are counted as well")
    func early() throws {
        let next = try Cron("0 0 1 1 *").next(after: try Self.time("1968-06-01T00:00:00Z"))
        #expect(Self.text(try #require(next)) == "1969-01-01T00:00:00Z")
    }

    @Test("a thousand moments of each expression fit it, in order")
    func many() throws {
        for text in ["*/7 */5 * * *", "13 2 */3 * tue", "0 0 1-7 * *", "1 1 1 */2 0"] {
            let cron = try Cron(text)
            var last = try Self.time("2024-02-28T23:59:59Z")
            for _ in 0..<1_000 {
                let next = try #require(cron.next(after: last))
                #expect(next > last && next % 60_000 == 0)
                // Nothing between the two fits, as asking from the middle shows.
                #expect(cron.next(after: (last + next) / 2) == next)
                last = next
            }
        }
    }

    @Test(
        "what is no expression is refused with the field's name",
        arguments: [
            ("", "five fields"), ("* * * *", "five fields"), ("* * * * * *", "five fields"),
            ("60 * * * *", "minute"), ("* 24 * * *", "hour"), ("* * 0 * *", "day of the month"),
            ("* * * 13 *", "month"), ("* * * * 8", "day of the week"), ("a * * * *", "minute"),
            ("5-1 * * * *", "minute"), ("*/0 * * * *", "minute"), ("1,,2 * * * *", "minute"),
            ("1/2/3 * * * *", "minute"), ("-1 * * * *", "minute"), ("* * * foo *", "month"),
            ("99999999999999999999 * * * *", "minute"), ("0 0 30 2 *", "no day ever fits"),
            ("@never", "five fields"), ("*- * * * *", "minute"),
        ])
    func malformed(expression: String, reason: String) {
        do {
            _ = try Cron(expression)
            Issue.record("\(expression) was read")
        } catch {
            #expect(error.description.contains(reason), "\(error)")
        }
    }

    @Test(
        "a zone is UTC or an offset",
        arguments: ["Europe/Berlin", "+5", "05:30", "+15:00", "+05:60", "", "+-1:00"])
    func badZone(zone: String) {
        #expect(throws: Cron.Malformed.self) { try Cron("* * * * *", zone: zone) }
    }
}
