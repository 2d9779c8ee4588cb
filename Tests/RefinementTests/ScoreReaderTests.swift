import Testing

@testable import Refinement

@Suite struct ScoreReaderTests {
    private let plan = [
        Criterion(name: "Clarity", weight: 3), Criterion(name: "Structure", weight: 1),
    ]

    @Test(
        "JSON in a code fence is read first, however it is written",
        arguments: [
            ("```json\n{\"score\": 8.2}\n```", 8.2),
            ("I'd say 3/10.\n```json\n{\"score\": 8.2, \"notes\": [\"a\"],}\n```\nBye", 8.2),
            ("```\n{\"overall\": \"85%\"}\n```", 8.5),
            ("~~~json\n{score: 7, }\n~~~", 7),
            ("```json\n{\"score\": \"8/10\"}\n```", 8),
            ("```json\n{\"score\": 85}\n```", 8.5),
            ("```json\n{\"score\": 4, \"max\": 5}\n```", 8),
            ("```json\n{\"review\": {\"result\": {\"score\": 6.5}}}\n```", 6.5),
            ("```json\n[{\"score\": 6}]\n```", 6),
            ("```json {\"score\": 6}```", 6),
            ("```json\n{\"score\": 3}\n```\nthen\n```json\n{\"score\": 9}\n```", 9),
            ("```python\nx = {}\n```\n```json\n{\"score\": 9}\n```\n", 9),
            ("{\"score\": 5}", 5), ("Review:\n{\n  \"score\": 5\n}", 5),
            ("```json\n{\"score\": 8, \"notes\": [\"cut of", 8),
            ("```json\n{\"score\": 8, // good\n \"x\": null}\n```", 8),
            ("```json\n{\"score\": 0}\n```", 0), ("```json\n{\"score\": 10}\n```", 10),
        ])
    func json(answer: String, score: Double) throws {
        let reading = try #require(ScoreReader.read(answer))
        #expect(reading.score == score)
        #expect(reading.tier == .json)
    }

    @Test(
        "per-criterion scores make a weighted mean",
        arguments: [
            ("{\"score\": 1, \"criteria\": {\"clarity\": 8, \"structure\": 4}}", 7.0),
            ("{\"criteria\": {\"CLARITY\": \"8/10\", \"structure\": \"40%\"}}", 7),
            ("{\"criteria\": {\"clarity\": 80, \"structure\": 4}}", 6.1),
            (
                #"{"scores": [{"name": "clarity", "score": 8}, {"name": "wit", "score": 1}]}"#,
                8
            ),
            ("{\"score\": {\"clarity\": 8, \"structure\": 4}}", 7),
            ("{\"clarity\": 8, \"structure\": 4}", 7),
            ("{\"criteria\": {\"clarity\": {\"score\": 8, \"why\": \"x\"}}}", 8),
            ("{\"score\": 6, \"criteria\": {\"tone\": 2}}", 6),
            ("{\"criteria\": {\"tone\": 2, \"wit\": 4}}", 3),
        ])
    func weighted(json: String, score: Double) throws {
        let reading = try #require(ScoreReader.read("```json\n\(json)\n```", criteria: plan))
        #expect(abs(reading.score - score) < 1e-9, "\(reading)")
        #expect(reading.tier == .json)
    }

    @Test("names are those of the plan, and notes come along")
    func names() throws {
        let answer =
            "{\"criteria\": {\"clarity\": 8}, \"notes\": [\"One.\", {\"note\": \"Two.\"}]}"
        let reading = try #require(ScoreReader.read(answer, criteria: plan))
        #expect(reading.criteria == ["Clarity": 8])
        #expect(reading.notes == ["One.", "Two."])
    }

    @Test(
        "words are read when there is no JSON",
        arguments: [
            ("Score: 8/10", 8.0), ("I'd give this an 8.5 out of 10.", 8.5),
            ("**Overall:** 85%", 8.5), ("Overall score: **7.5**/10", 7.5), ("Rating: 4/5", 8),
            ("SCORE = 9", 9), ("Final score is 6.", 6), ("I rate it 7 / 10 today.", 7),
            ("The total comes to 72/100.", 7.2), ("Score: 8,5/10", 8.5),
            ("First I thought 3/10. Overall: 9/10. It has 5/10 charm.", 9),
            ("Score: 4/10\n...\nScore: 8/10", 8), ("My score for this: 88", 8.8),
            ("Round 2 of 5 is done, 40% shorter. Score: 6/10", 6),
            ("| Overall | 8/10 |", 8), ("```json\n{\"score\": oops}\n```\nScore: 8/10", 8),
            ("Score: 85 percent", 8.5), ("score: 10/10", 10), ("Score: 0/10", 0),
        ])
    func words(answer: String, score: Double) throws {
        let reading = try #require(ScoreReader.read(answer), "\(answer)")
        #expect(reading.score == score)
        #expect(reading.tier == .words)
    }

    @Test("criteria in words are weighted too")
    func criteriaInWords() throws {
        let reading = try #require(
            ScoreReader.read(
                "- **Clarity:** 8/10\n- Structure score: 4\n\nOverall: 1/10", criteria: plan))
        #expect(reading.score == 7)
        #expect(reading.criteria == ["Clarity": 8, "Structure": 4])
    }

    @Test(
        "a number that stands alone is the last resort",
        arguments: [
            ("8.5", 8.5), ("Fine.\n\n**7**\n", 7), ("I think it is a 6.", 6), ("85", 8.5),
        ])
    func number(answer: String, score: Double) throws {
        let reading = try #require(ScoreReader.read(answer), "\(answer)")
        #expect(reading.score == score)
        #expect(reading.tier == .number)
    }

    @Test(
        "no score is no score",
        arguments: [
            "", "Good work, go on.", "There are 3 long sentences in it.", "See section 4.",
            "It is from 2024-03-14.", "1. First\n2. Second", "Score: high", "Score: 11/10",
            "Score: -3", "```json\n{\"notes\": []}\n```", "Version 1.2.3",
            "```json\n{\"score\": null}\n```",
            "```json\n{\"score\": 1000}\n```", "Use A4 and B5", "Round 2 of 5",
        ])
    func none(answer: String) {
        #expect(ScoreReader.read(answer, criteria: plan) == nil)
    }

    @Test("broken and deep input neither traps nor takes long")
    func hostile() {
        let clock = ContinuousClock()
        let inputs = [
            String(repeating: "[", count: 50_000), String(repeating: "{\"a\":", count: 20_000),
            "```json\n" + String(repeating: "{\"score\":", count: 10_000),
            String(repeating: "8/", count: 20_000), String(repeating: "9", count: 50_000),
            "{\"score\": \"\\ud800\\u12\"}", "{\"score\": 1e999}", "\\", "```", "{\"\\u+123\": 1}",
        ]
        let time = clock.measure {
            for input in inputs { _ = ScoreReader.read(input, criteria: plan) }
        }
        #expect(time < .seconds(60))
    }
}
