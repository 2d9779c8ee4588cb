import Fakes
import MeshContract
import REST
import Testing
import Wire

@Suite("Problem documents")
struct ProblemTests {
    private func json(_ problem: Problem) throws -> WireValue {
        try WireValue(json: JSONCoding.encode(problem))
    }

    @Test(
        "every fault has its status of the one table",
        arguments: [
            ("invalid", 400), ("unauthenticated", 401), ("denied", 403), ("not-found", 404),
            ("conflict", 409), ("no-credits", 402), ("capped", 403), ("limited", 429),
            ("overloaded", 503), ("unavailable", 503), ("upstream", 502), ("timed-out", 504),
            ("internal", 500), ("of-the-future", 500),
        ])
    func statuses(code: String, status: Int) throws {
        let fault = Fault(.init(rawValue: code), "what happened")
        let problem = Problem(fault, requestID: "req_1")
        #expect(problem.status == status)
        let json = try json(problem)
        #expect(json["status"]?.int == Int64(status))
        #expect(json["code"]?.string == code)
        #expect(json["type"]?.string == "urn:atelier:problem:\(code)")
        #expect(json["detail"]?.string == "what happened")
        #expect(json["request_id"]?.string == "req_1")
        #expect(json["title"]?.string?.isEmpty == false)
        #expect(json["errors"] == nil)
    }

    @Test("a body too large is 413, of a wrong type 415, a wrong method 405")
    func special() throws {
        #expect(Problem(Problem.tooLarge(10), requestID: "r").status == 413)
        #expect(Problem(Problem.wrongType("JSON"), requestID: "r").status == 415)
        let method = try json(.wrongMethod(["GET", "HEAD"], requestID: "r"))
        #expect(method["status"]?.int == 405)
        #expect(method["detail"]?.string == "this path takes GET, HEAD")
        let used = Problem(Problem.usedKey, requestID: "r")
        #expect(used.status == 422)
        #expect(try json(used)["code"]?.string == "conflict")
        // Only ours: a value that is too large is a refused field.
        #expect(Problem(Fault(.invalid, "too large"), requestID: "r").status == 400)
    }

    @Test("refused fields are listed with their pointers")
    func fields() throws {
        let fault = Fault(
            .invalid, "refused",
            fields: [FieldFault("/agents/0/name", "is empty"), FieldFault("/title", "is long")])
        let errors = try json(Problem(fault, requestID: "r"))["errors"]?.list
        #expect(
            errors?.map { $0.fields.mapValues { $0.string ?? "" } } == [
                ["pointer": "/agents/0/name", "detail": "is empty"],
                ["pointer": "/title", "detail": "is long"],
            ])
    }

    @Test("a provider's words stand apart, and what is ours to mend is not told")
    func details() throws {
        let upstream = try json(
            Problem(Fault(.upstream, "it failed", detail: "529 busy"), requestID: "r"))
        #expect(upstream["detail"]?.string == "it failed")
        #expect(upstream["upstream"]?.string == "529 busy")
        let ours = try json(
            Problem(Fault(.internal, "internal error", detail: "secret path"), requestID: "r"))
        #expect(ours["detail"]?.string == "internal error")
        #expect(ours["upstream"] == nil)
        let capped = try json(
            Problem(Fault(.capped, "3 runs at most", detail: "runs"), requestID: "r"))
        #expect(capped["detail"]?.string == "3 runs at most: runs")
    }

    @Test("who should come later is told when, in whole seconds and never too early")
    func retryAfter() {
        func header(_ name: String, _ fault: Fault) -> String? {
            Problem.headers(for: fault).first { $0.0 == name }?.1
        }
        for code in [Fault.Code.limited, .overloaded, .unavailable] {
            #expect(header("Retry-After", Fault(code, "")) == "1")
            #expect(header("Retry-After", Fault(code, "", retryAfterMilliseconds: 1_001)) == "2")
            #expect(header("Retry-After", Fault(code, "", retryAfterMilliseconds: -5)) == "1")
            #expect(header("Retry-After", Fault(code, "", retryAfterMilliseconds: .max)) == "86400")
        }
        let limited = Fault(.limited, "", detail: "10 a minute", retryAfterMilliseconds: 59_500)
        #expect(header("RateLimit-Limit", limited) == "10")
        #expect(header("RateLimit-Remaining", limited) == "0")
        #expect(header("RateLimit-Reset", limited) == "60")
        #expect(header("RateLimit-Limit", Fault(.limited, "")) == nil)
        #expect(header("WWW-Authenticate", Fault(.unauthenticated, "")) == "Bearer")
        #expect(Problem.headers(for: Fault(.timedOut, "")).isEmpty)
        #expect(
            header("Retry-After", Fault(.conflict, "", retryAfterMilliseconds: 900)) == "1")
    }
}
