import FoundationEssentials

/// The five kinds of messages that the mesh carries, at their usual sizes.
enum Role: String, Codable { case system, user, assistant, tool }

struct CallEnvelope: Codable {
    var id: UUID
    var method: String
    var methodId: Int
    var deadline: Date
    var traceHi: UInt64
    var traceLo: UInt64
    var spanId: UInt64
    var authToken: String
    var payload: Data
}

struct ChatMessage: Codable {
    var role: Role
    var content: String
    var name: String?
}

struct ChatRequest: Codable {
    var model: String
    var messages: [ChatMessage]
    var temperature: Double
    var maxTokens: Int
    var stream: Bool
    var stop: [String]
    var user: String?
}

struct TokenEvent: Codable {
    var streamId: UInt64
    var index: Int
    var token: String
    var logprob: Float?
    var finish: Int?
}

struct UsageEvent: Codable {
    var name: String
    var userId: UInt64
    var ts: Int64
    var value: Double
    var ok: Bool
    var country: String?
}

struct EventBatch: Codable {
    var source: String
    var events: [UsageEvent]
}

struct Chunk: Codable {
    var id: UUID
    var offset: Int64
    var last: Bool
    var data: Data
}
