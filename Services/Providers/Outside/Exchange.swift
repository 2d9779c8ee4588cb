import Curl
import EventLoop

/// Asks somebody outside for what may be asked twice, again where that may help and there is time.
struct Exchange: Sendable {
    let http: HTTPClient
    /// Who is asked, as a caller reads it.
    let name: String
    var tries = 3
    var pause = Duration.milliseconds(300)

    /// A response with a status that `accepts`, within `time` in all.
    func send(
        _ request: ClientRequest, within time: Duration, accepting accepts: (Int) -> Bool
    ) async throws(OutsideFailure) -> ClientResponse {
        let begun = monotonic()
        var attempt = 1
        while true {
            let left = time - .nanoseconds(Int64(clamping: monotonic() - begun))
            var request = request
            request.deadline = left
            let failure: OutsideFailure
            do throws(OutsideFailure) {
                return try await once(request, accepting: accepts)
            } catch {
                failure = error
            }
            guard attempt < tries, failure.kind == .failed || failure.kind == .limited,
                !Task.isCancelled
            else { throw failure }
            let wait =
                (failure.retryAfter ?? pause * (1 << (attempt - 1))) + pause
                * Double.random(in: 0...0.5)
            guard wait < left else { throw failure }
            do {
                try await Task.sleep(for: wait)
            } catch {
                throw failure
            }
            attempt += 1
        }
    }

    /// The same, once.
    func once(
        _ request: ClientRequest, accepting accepts: (Int) -> Bool
    ) async throws(OutsideFailure) -> ClientResponse {
        let response: ClientResponse
        do throws(HTTPClientError) {
            response = try await http.send(request)
        } catch {
            throw OutsideFailure(error, with: name)
        }
        guard accepts(response.status) else {
            throw OutsideFailure(
                status: response.status, headers: response.headers,
                words: Self.words(of: response), with: name)
        }
        return response
    }

    /// What an error's body says, where it is text and no page.
    static func words(of response: ClientResponse) -> String? {
        guard let text = String(validating: response.body.prefix(2_000), as: UTF8.self) else {
            return nil
        }
        let start = text.drop { $0.isWhitespace }
        return start.isEmpty || start.first == "<" ? nil : String(start)
    }
}
