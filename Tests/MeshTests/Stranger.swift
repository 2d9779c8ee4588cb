import EventLoop
import MeshContract
import SP
import TLS
import Testing

@testable import Mesh

/// Somebody at a rig's door who says whatever the test makes up.
final class Stranger: Sendable {
    let peer: SPPeer
    private let rig: Rig

    init(_ rig: Rig) throws {
        self.rig = rig
        let address = try #require(SPAddress(rig.url))
        let tls = rig.way == .tls ? try testTLS() : nil
        peer = SPPeer(address, on: rig.callerLoop, trust: SPTrust(tls: tls?.client))
    }

    deinit { peer.close() }

    func say(_ request: [UInt8]) async throws -> Result<Body, Fault> {
        let answer = try await ask(request)
        do throws(Fault) {
            return .success(try ReplyEnvelope.read(answer))
        } catch {
            return .failure(error)
        }
    }

    /// Whoever was refused may have spoken again before the connection ended.
    private func ask(_ request: [UInt8]) async throws -> [UInt8] {
        for _ in 0..<3 {
            do {
                return try await peer.call(request, within: .seconds(10))
            } catch SPError.lost {
                continue
            }
        }
        throw SPError.lost
    }

    /// The start of the service that the next statement must be for.
    func instance() async throws -> [UInt8] {
        let reply = try await say(Hello.message(nil, from: "")).get()
        return try reply.decode(Hello.Reply.self, .internal).instance
    }

    /// What is wrong with an introduction; nil when it is taken.
    func hello(_ signed: SignedStatement?) async throws -> Fault? {
        switch try await say(Hello.message(signed, from: "")) {
        case .success(let reply):
            #expect(try reply.decode(Hello.Reply.self, .internal).isKnown)
            return nil
        case .failure(let fault): return fault
        }
    }

    /// What is wrong with a call; nil when it is answered.
    func call(
        _ method: String = "echo", as caller: String = "", body: [UInt8]? = nil,
        proof: SignedStatement? = nil
    ) async throws -> Fault? {
        let body = try body ?? Envelope.encode(Lab.Echo(text: "x"))
        let envelope = RequestEnvelope(
            method: method, caller: caller, call: "c", time: 5_000, body: body, proof: proof)
        switch try await say(Envelope.encode(envelope)) {
        case .success: return nil
        case .failure(let fault): return fault
        }
    }

    /// What a proof for such a call has to speak for.
    static func digest(_ method: String = "echo", body: [UInt8]? = nil) throws -> [UInt8] {
        let body = try body ?? Envelope.encode(Lab.Echo(text: "x"))
        let head = RequestHead(method: method, caller: "", call: "c", trace: nil, time: 5_000)
        return Hello.digest(head, Body(message: body, range: 0..<body.count))
    }
}

extension OwnKey {
    /// A statement of the test's own making.
    func sign(_ statement: Statement) throws -> SignedStatement {
        let bytes = try Envelope.encode(statement)
        let isCall = statement.call != nil
        return SignedStatement(
            statement: bytes, signature: sign(SignedStatement.signed(bytes, isCall: isCall)))
    }
}
