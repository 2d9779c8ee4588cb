/// Where an operation stands in the code: `3.round/1/0.write` is the first step of the second
/// branch of what stands fourth in the run.
enum Path {
    /// How one operation stands to another as the code tells it, whatever came first in time.
    enum Order {
        case before, same, after
        /// In another branch of a `parallel`: neither comes first.
        case beside
    }

    static func order(of one: String, to other: String) -> Order {
        let (left, right) = (one.split(separator: "/"), other.split(separator: "/"))
        for (one, other) in zip(left, right) where one != other {
            guard let one = position(one), let other = position(other) else { return .beside }
            return one < other ? .before : .after
        }
        if left.count == right.count { return .same }
        return left.count < right.count ? .before : .after
    }

    /// Without its positions: the same in each round of a loop. Branches stay apart.
    static func shape(_ path: String) -> String {
        path.split(separator: "/").map { segment in
            position(segment) == nil ? segment : segment.drop { $0 != "." }.dropFirst()
        }.joined(separator: "/")
    }

    /// The name of the operation itself.
    static func name(_ path: String) -> Substring {
        (path.split(separator: "/").last ?? "").drop { $0 != "." }.dropFirst()
    }

    /// Nil for the number of a branch.
    private static func position(_ segment: Substring) -> Int? {
        guard let dot = segment.firstIndex(of: ".") else { return nil }
        return Int(segment[..<dot])
    }
}
