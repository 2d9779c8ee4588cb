/// How a caller sees one replica of a service it calls.
public struct PeerStatus: Codable, Sendable, Equatable {
    public var service: String
    /// Where it is, a name's numbers included.
    public var address: String
    /// True while calls can be sent at once.
    public var isUp: Bool
    /// True when it is given no further call: it is about to end, or its name means others now.
    public var isLeaving: Bool
    /// Calls that wait for its answer.
    public var outstanding: Int
    /// `closed` when it may be called, `open` when it is left alone, `probing` in between.
    public var circuit: String
    /// Failures in a row.
    public var failures: Int
    /// Calls answered, faults of its own included.
    public var answered: Int
    /// Calls that ended with their connection.
    public var lost: Int
    /// Calls that were not answered in time.
    public var timedOut: Int
    /// Calls that it refused because it had too much to do.
    public var overloaded: Int
    /// How long an answer takes, newer ones counting more; long polls left out.
    public var meanMicroseconds: Int
}

/// How a caller's second tries at one service fare.
public struct RetryStatus: Codable, Sendable, Equatable {
    public var service: String
    /// Tries after the first one, hedges included.
    public var retries: Int
    /// Requests sent to a second replica because the first was slow.
    public var hedges: Int
    /// Tries that were left out, for the budget was spent.
    public var denied: Int
    /// Tries in order now.
    public var left: Int
}

extension MeshClient {
    /// Every replica of every service called so far, as this client's transport sees it.
    public var peers: [PeerStatus] { transport.known.flatMap(\.peers) }

    /// The retry budgets of the services called so far.
    public var retries: [RetryStatus] { transport.known.map(\.retries) }
}
