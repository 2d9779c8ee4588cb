/// Memory over time, and whether it grows.
struct Trend {
    private var points: [(minutes: Double, kilobytes: Double)] = []

    mutating func add(_ minutes: Double, _ kilobytes: Int) {
        points.append((minutes, Double(kilobytes)))
    }

    /// Kilobytes a minute, by least squares.
    var slope: Double {
        guard points.count > 2 else { return 0 }
        let count = Double(points.count)
        let meanX = points.reduce(0) { $0 + $1.minutes } / count
        let meanY = points.reduce(0) { $0 + $1.kilobytes } / count
        let top = points.reduce(0) { $0 + ($1.minutes - meanX) * ($1.kilobytes - meanY) }
        let bottom = points.reduce(0) { $0 + ($1.minutes - meanX) * ($1.minutes - meanX) }
        return bottom > 0 ? top / bottom : 0
    }

    /// Kilobytes that the trend comes to over what was seen.
    var growth: Double {
        guard let first = points.first, let last = points.last else { return 0 }
        return slope * (last.minutes - first.minutes)
    }
}

/// What is held while nothing happens, before and after.
struct Still {
    var caller: Holdings
    var steady: Holdings
    /// Calls under way in the caller's eyes, and in the steady service's.
    var outstanding: Int
    var inHand: Int
}

/// What is wrong, in words; nothing when all is well.
enum Verdict {
    /// A leak of two bytes a call is more.
    private static let mostGrowth = 4_096.0

    static func faults(
        _ figures: Figures, _ trends: [(String, Trend)], before: Still, after: Still
    ) -> [String] {
        var faults = figures.surprises
        for (name, trend) in trends where trend.growth > mostGrowth {
            faults.append("\(name) grew by \(Int(trend.growth)) kB")
        }
        for (name, old, new) in [
            ("the caller", before.caller, after.caller),
            ("the steady service", before.steady, after.steady),
        ] where new.descriptors > old.descriptors {
            faults.append("\(name) holds \(new.descriptors) descriptors, before \(old.descriptors)")
        }
        if after.outstanding > 0 { faults.append("\(after.outstanding) calls are left over") }
        if after.inHand > 0 { faults.append("\(after.inHand) calls are left in hand") }
        return faults
    }
}
