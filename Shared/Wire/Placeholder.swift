import FoundationEssentials
public enum WireEncoder { public static func encode<T: Encodable>(_ v: T) throws -> [UInt8] { try Array(JSONEncoder().encode([v])) } }
public enum WireDecoder { public static func decode<T: Decodable>(_ t: T.Type, from b: [UInt8]) throws -> T { try JSONDecoder().decode([T].self, from: Data(b))[0] } }
public indirect enum WireValue: Codable, Sendable, Equatable { case null, boolean(Bool), text(String), bytes([UInt8]), array([WireValue]), map([Pair])
  public struct Pair: Codable, Sendable, Equatable { public var key: String; public var value: WireValue } }
