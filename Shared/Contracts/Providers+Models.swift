public import MeshContract

extension Providers {
    /// Which model a request would go to, before anything is asked of it.
    public struct FindModel: Method {
        public static let name = "model"
        public static let summary =
            "Answers with the model that a provider's and a model's name lead to."
        public static let traits = MethodTraits.read
        public typealias Reply = ModelCard

        /// As in `Generate`: nil for what is configured.
        public var provider: String?
        public var model: String?

        public init(provider: String? = nil, model: String? = nil) {
            (self.provider, self.model) = (provider, model)
        }
    }
}
