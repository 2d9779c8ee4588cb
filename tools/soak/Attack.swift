import Glibc

/// What strangers do to a service; each on several threads, until its time is over.
enum Attack: String, CaseIterable {
    case garbage, greetings, giants, halves, connects, crowd, nonsense, strangers, deaf

    var words: String {
        switch self {
        case .garbage: "random bytes"
        case .greetings: "greetings of another protocol"
        case .giants: "messages that say they are enormous"
        case .halves: "half messages of 16 MiB, held"
        case .connects: "connections that come and go"
        case .crowd: "thousands of connections, held"
        case .nonsense: "requests of random bytes"
        case .strangers: "well-formed calls that prove nothing"
        case .deaf: "callers that never read their answers"
        }
    }

    /// Once or many times, until `isOver`. Answers with how often.
    func run(on url: String, service: String, isOver: () -> Bool) -> Int {
        var count = 0
        while !isOver() {
            count += 1
            switch self {
            case .garbage: Stranger(url)?.say(Self.random(in: 1...20_000))
            case .greetings: Stranger(url)?.say([0, 0x53, 0x50, 0, 0, .random(in: 0...255), 0, 0])
            case .giants: Self.giant(url)
            case .halves:
                Self.hold(url, 8, isOver) { peer in
                    peer.say(peer.frame([UInt8](repeating: 1, count: 1 << 20), length: 16 << 20))
                }
            case .connects: _ = Stranger(url)
            case .crowd: Self.hold(url, 1_000, isOver) { $0.say([0]) }
            case .nonsense: count += Self.flood(url, isOver) { Self.random(in: 0...300) }
            case .strangers:
                let call = Envelope.echo(to: service, of: 100)
                count += Self.flood(url, isOver) { call }
            case .deaf: count += Self.deaf(url, service, isOver)
            }
        }
        return count
    }

    private static func random(in counts: ClosedRange<Int>) -> [UInt8] {
        (0..<Int.random(in: counts)).map { _ in .random(in: 0...255) }
    }

    private static func giant(_ url: String) {
        guard let peer = Stranger(url) else { return }
        peer.say(Stranger.greeting)
        peer.say(peer.frame([1, 2, 3], length: .random(in: (16 << 20) + 1 ... .max)))
        peer.skip()
    }

    /// Keeps so many connections open, each after it has said something.
    private static func hold(
        _ url: String, _ count: Int, _ isOver: () -> Bool,
        _ say: (borrowing Stranger) -> Void
    ) {
        guard count > 0, !isOver(), let peer = Stranger(url) else {
            while !isOver() { usleep(10_000) }
            return
        }
        peer.say(Stranger.greeting)
        say(peer)
        hold(url, count - 1, isOver, say)
    }

    /// Requests without a pause, their answers thrown away.
    private static func flood(
        _ url: String, _ isOver: () -> Bool, _ body: () -> [UInt8]
    ) -> Int {
        guard let peer = Stranger(url) else { return 0 }
        var count = 0
        peer.say(Stranger.greeting)
        while !isOver(), peer.say(peer.frame(body())) {
            peer.skip()
            count += 1
        }
        return count
    }

    private static func deaf(_ url: String, _ service: String, _ isOver: () -> Bool) -> Int {
        guard let peer = Stranger(url) else { return 0 }
        let call = peer.frame(Envelope.echo(to: service, of: 60_000))
        var count = 0
        peer.say(Stranger.greeting)
        while !isOver(), peer.say(call) { count += 1 }
        while !isOver() { usleep(10_000) }
        return count
    }
}
