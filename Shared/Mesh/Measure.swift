public import EventLoop

/// A figure of a service's own trade, beside those that every service has, under the name that the
/// OpenTelemetry conventions give it. Counts only grow.
public struct Measure: Codable, Sendable, Equatable {
    /// As in `gen_ai.client.operation.duration`.
    public var name: String
    /// In UCUM, as in `s` or `{token}`.
    public var unit: String
    public var attributes: [String: String]
    public var histogram: Histogram
    /// So many steps of the histogram are one of the unit.
    public var stepsPerUnit: Int

    public init(
        _ name: String, unit: String, attributes: [String: String], _ histogram: Histogram,
        stepsPerUnit: Int
    ) {
        (self.name, self.unit, self.attributes) = (name, unit, attributes)
        (self.histogram, self.stepsPerUnit) = (histogram, stepsPerUnit)
    }
}
