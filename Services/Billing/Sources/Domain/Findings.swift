/// The problems an audit names, as many as a reader can use.
struct Findings {
    static let limit = 1_000

    private(set) var problems: [String] = []

    mutating func add(_ problem: String) {
        if problems.count < Self.limit {
            problems.append(problem)
        } else if problems.count == Self.limit {
            problems.append("there are more problems than these")
        }
    }
}
