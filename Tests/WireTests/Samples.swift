import FoundationEssentials

/// One of everything that the profile has a form for.
struct Sample: Codable, Equatable {
    enum Role: String, Codable { case user, model }

    enum Shape: Codable, Equatable {
        case empty
        case circle(radius: Double)
        case text(String, size: Int)
    }

    var id: UUID
    var at: Date
    var link: URL
    var blob: Data
    var raw: [UInt8]
    var weights: [Float]
    var values: [Double]
    var counts: [Int]
    var names: [String]
    var flag: Bool
    var small: Int8
    var wide: UInt64
    var single: Float
    var role: Role
    var shapes: [Shape]
    var labels: [String: Int]
    var numbered: [Int: String]
    var missing: String?
    var present: String?
    var maybe: [Int?]
    var nested: [[Int64]]

    static var one: Sample {
        Sample(
            id: UUID(uuid: (1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16)),
            at: Date(timeIntervalSince1970: 1_764_000_000.25),
            link: URL(filePath: "/a/b"), blob: Data([1, 2, 3]), raw: [4, 5],
            weights: [1.5, -2], values: [0.1, .infinity], counts: [1, -2, 300], names: ["a", "ü"],
            flag: true, small: -7, wide: .max, single: 0.1, role: .model,
            shapes: [.empty, .circle(radius: 2), .text("t", size: 3)],
            labels: ["1": 1, "01": 2, "x": 3], numbered: [5: "five", -6: "minus six"],
            missing: nil, present: "here", maybe: [1, nil, 3], nested: [[], [1], [2, 3]])
    }
}
