import FoundationEssentials

/// The twin of `Row` with the synthesized coding, which a validated document is decoded into.
struct Twin: Codable {
    var id: Int
    var name: String?
    var at: Date?
    var key: UUID?
    var weights: [Float]?
    var blob: [UInt8]?
    var rows: [Twin]?
    var count: UInt64?
    var ratio: Double?
    var share: Float?
    var flag: Bool?
    var link: URL?
    var data: Data?
    var doubles: [Double]?
    var labels: [String]?
    var small: Int8?
    var numbered: NumberedTwin?
}

/// The twin of `Numbered`.
struct NumberedTwin: Codable {
    var first: Int?
    var second: String?
    var third: [Int]?
    var below: Bool?

    enum CodingKeys: Int, CodingKey {
        case first = 1
        case second = 24
        case third = 70000
        case below = -3
    }
}

/// Everything else that synthesized code does.
struct Mixed: Codable {
    enum Shape: Codable {
        case empty
        case circle(radius: Double)
        case text(String, size: Int)
    }

    struct Pair: Codable {
        var first: Int8
        var second: UInt64?
        enum CodingKeys: Int, CodingKey { case first = 1, second }
    }

    var shapes: [Shape]?
    var labels: [String: Int]?
    var numbers: [Int: String]?
    var pair: Pair?
    var link: URL?
    var list: [[Int64?]]?
    var values: [Double]?
    var flag: Bool?
    var open: WireValue?
    /// Hot types among others, and behind a plain one.
    var rows: [Row]?
    var twins: [String: Twin]?
}
