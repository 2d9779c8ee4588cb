public import MeshContract

extension Orchestrator {
    /// What a session may come to, before anything is made or asked of a model.
    public struct EstimateSession: Method {
        public static let name = "estimate-session"
        public static let summary = "Estimates what a Write session costs, and makes nothing."
        public static let traits = MethodTraits.read.callers("gateway")
        public typealias Reply = Estimate

        /// As it would be made; its key and `start` mean nothing here.
        public var session: CreateSession

        public init(session: CreateSession) { self.session = session }
    }

    /// From one round of every loop to all of them, at list prices. No promise: models write as much
    /// as they like.
    public struct Estimate: Codable, Sendable, Equatable {
        /// The least and the most of something.
        public struct Span: Codable, Sendable, Equatable {
            public var least: Int64
            public var most: Int64

            public init(least: Int64, most: Int64) { (self.least, self.most) = (least, most) }
        }

        public var turns: Span
        public var inputTokens: Span
        public var outputTokens: Span
        /// Thousandths of a credit.
        public var cost: Span
        /// Millionths of a US dollar, of the models whose price is known.
        public var costMicroUSD: Span
        /// What is set aside at the start, in thousandths of a credit.
        public var hold: Int64
        /// False where a model has no known price: only the turn fee is known of it.
        public var isPriced: Bool
        /// True where no model is called at all.
        public var isOffline: Bool

        public init(
            turns: Span, inputTokens: Span, outputTokens: Span, cost: Span, costMicroUSD: Span,
            hold: Int64, isPriced: Bool, isOffline: Bool
        ) {
            (self.turns, self.inputTokens, self.outputTokens) = (turns, inputTokens, outputTokens)
            (self.cost, self.costMicroUSD, self.hold) = (cost, costMicroUSD, hold)
            (self.isPriced, self.isOffline) = (isPriced, isOffline)
        }
    }
}
