import Crypto
import FoundationEssentials

/// A message to another system, signed as Standard Webhooks has it
/// (https://github.com/standard-webhooks/standard-webhooks/blob/main/spec/standard-webhooks.md):
/// HMAC-SHA-256 over id, time and body, with the receiver's secret.
struct WebhookMessage: Sendable {
    /// The same at every attempt, so that the receiver acts once.
    let id: String
    /// Seconds since 1970 of this attempt: old messages can be told from new ones.
    let timestamp: Int64
    let body: [UInt8]

    var headers: [(String, String)] {
        [
            ("Content-Type", "application/json"), ("User-Agent", "Atelier-Webhooks/1"),
            ("webhook-id", id), ("webhook-timestamp", "\(timestamp)"),
        ]
    }

    func signature(_ secret: [UInt8]) -> String {
        let signed = Array("\(id).\(timestamp).".utf8) + body
        return "v1," + Data(SHA256.hmac(signed, key: secret)).base64EncodedString()
    }

    /// Made from the installation's key, so that it need not be kept.
    static func secret(of webhook: String, key: [UInt8]) -> [UInt8] {
        SHA256.hmac(Array("webhook \(webhook)".utf8), key: key)
    }

    static func text(_ secret: [UInt8]) -> String {
        "whsec_" + Data(secret).base64EncodedString()
    }

    /// When the attempt after so many is made: about two days in all; nil when it was the last.
    static func delay(after attempts: Int) -> Duration? {
        let minutes = [0.1, 0.5, 2, 10, 60, 360, 720, 1_440]
        return attempts <= minutes.count ? .seconds(minutes[max(attempts, 1) - 1] * 60) : nil
    }
}
