/// Somebody who waits for a transfer, and what for.
enum Waiter {
    typealias Answer<Value> = UnsafeContinuation<Result<Value, HTTPClientError>, Never>

    case head(Answer<Head>)
    case chunk(Answer<[UInt8]?>)
    case whole(Answer<ClientResponse>)

    func failing(_ error: HTTPClientError) -> Delivery {
        switch self {
        case .head(let answer): .head(answer, .failure(error))
        case .chunk(let answer): .chunk(answer, .failure(error))
        case .whole(let answer): .whole(answer, .failure(error))
        }
    }
}

/// An answer on its way to a waiter, to be sent once no lock is held.
enum Delivery {
    case head(Waiter.Answer<Head>, Result<Head, HTTPClientError>)
    case chunk(Waiter.Answer<[UInt8]?>, Result<[UInt8]?, HTTPClientError>)
    case whole(Waiter.Answer<ClientResponse>, Result<ClientResponse, HTTPClientError>)

    func send() {
        switch self {
        case .head(let answer, let result): answer.resume(returning: result)
        case .chunk(let answer, let result): answer.resume(returning: result)
        case .whole(let answer, let result): answer.resume(returning: result)
        }
    }
}
