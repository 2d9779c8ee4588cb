import Civil
import Testing

@Suite("Civil time")
struct CivilTimeTests {
    @Test(
        "moments are counted as people do",
        arguments: [
            (0, "1970-01-01T00:00:00Z", 4), (951_782_399, "2000-02-28T23:59:59Z", 1),
            (951_782_400, "2000-02-29T00:00:00Z", 2), (1_709_251_199, "2024-02-29T23:59:59Z", 4),
            (1_735_689_599, "2024-12-31T23:59:59Z", 2), (4_102_444_800, "2100-01-01T00:00:00Z", 5),
            (4_107_542_400, "2100-03-01T00:00:00Z", 1), (-1, "1969-12-31T23:59:59Z", 3),
            (-2_208_988_800, "1900-01-01T00:00:00Z", 1),
        ])
    func moments(seconds: Int, text: String, weekday: Int) {
        let time = CivilTime(Int64(seconds))
        #expect(time.rfc3339 == text)
        #expect(time.basic == text.filter { $0 != "-" && $0 != ":" })
        #expect(time.weekday == weekday)
    }

    @Test("dates of HTTP are written and read back")
    func dates() {
        #expect(CivilTime(784_111_777).httpDate == "Sun, 06 Nov 1994 08:49:37 GMT")
        #expect(CivilTime(0).httpDate == "Thu, 01 Jan 1970 00:00:00 GMT")
        #expect(CivilTime(951_782_400).httpDate == "Tue, 29 Feb 2000 00:00:00 GMT")
        #expect(CivilTime(1_735_689_599).httpDate == "Tue, 31 Dec 2024 23:59:59 GMT")
        for seconds: Int64 in [0, 784_111_777, 951_782_400, 1_709_251_199, 4_107_542_400] {
            #expect(CivilTime.seconds(httpDate: CivilTime(seconds).httpDate) == seconds)
        }
        for text in ["", "now", "Sun, 06 Nov 1994 08:49:37", "Sun, 32 Nov 1994 08:49:37 GMT"] {
            #expect(CivilTime.seconds(httpDate: text) == nil)
        }
    }
}
