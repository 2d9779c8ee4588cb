/// A party on the mesh, and the namespace of everything it promises.
public protocol MeshService: SendableMetatype {
    /// The name on the wire, in socket paths and in executables: `billing`.
    static var name: String { get }
}

/// One operation. The conforming struct is the request itself.
public protocol MeshMethod: Codable, Sendable, SendableMetatype {
    associatedtype Service: MeshService
    associatedtype Reply: Codable & Sendable
    /// The name on the wire. Written out, so that a rename in Swift never changes the wire.
    static var name: String { get }
    static var summary: String { get }
    static var traits: MethodTraits { get }
}

extension MeshMethod {
    public static var traits: MethodTraits { .once }
}

/// What may be done with a call besides making it once.
public struct MethodTraits: Sendable, Equatable {
    /// True when a lost call may be made again: it reads, or it carries a key the callee remembers.
    public var isRepeatable: Bool
    /// The services that may call; nil for all. An administrator's command line always may.
    public var callers: [String]?
    /// True when the answer may be held back until there is news: its deadline is not a failure.
    public var isLongPoll: Bool
    /// Set when a second replica may be asked the same while the first one is slow.
    public var hedge: Hedge?

    /// When a second replica is asked.
    public struct Hedge: Sendable, Equatable {
        /// nil for the time within which 95 of 100 answers came lately.
        public var after: Duration?
    }
    /// True when its handler uses the processor for milliseconds: it then runs on worker threads, so
    /// that no other call waits for it.
    public var isHeavy = false

    public init(isRepeatable: Bool, callers: [String]? = nil, isLongPoll: Bool = false) {
        (self.isRepeatable, self.callers, self.isLongPoll) = (isRepeatable, callers, isLongPoll)
    }

    /// Changes state and carries no key: never made twice.
    public static let once = MethodTraits(isRepeatable: false)
    public static let read = MethodTraits(isRepeatable: true)
    /// Changes state under a key: made twice, it acts once.
    public static let keyed = MethodTraits(isRepeatable: true)
    public static let longPoll = MethodTraits(isRepeatable: true, isLongPoll: true)

    public func callers(_ names: String...) -> MethodTraits {
        var traits = self
        traits.callers = names
        return traits
    }

    /// The same for a handler that uses the processor for milliseconds.
    public var heavy: MethodTraits {
        var traits = self
        traits.isHeavy = true
        return traits
    }

    /// Asks a second replica when the first has not answered after `time`; without one, after the
    /// time within which 95 of 100 answers came lately. The first answer counts.
    public func hedged(after time: Duration? = nil) -> MethodTraits {
        var traits = self
        traits.hedge = Hedge(after: time)
        return traits
    }

    /// False for a hedge on what must not be asked twice, or on what waits on purpose.
    public var isSound: Bool { hedge == nil || (isRepeatable && !isLongPoll) }
}

/// Something that happened, told as a hint: the truth is the owner's log, read from a number on.
public protocol MeshEvent: Codable, Sendable, SendableMetatype {
    associatedtype Service: MeshService
    static var topic: String { get }
}

/// The reply of a method that has nothing to add.
public struct Done: Codable, Sendable, Equatable {
    public init() {}
}
