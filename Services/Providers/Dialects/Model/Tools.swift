/// A call that the model asks for.
public struct ToolCall: Sendable, Equatable {
    /// A function takes JSON, a custom tool any text (OpenAI).
    public enum Form: Sendable { case function, custom }

    public var id: String
    public var name: String
    /// As the model wrote it, which need not be whole JSON when it was stopped.
    public var arguments: String
    public var form: Form
    public var signature: Signature?
    public var cache: CacheMark?
    public var extras: Extras

    public init(
        id: String, name: String, arguments: String, form: Form = .function,
        signature: Signature? = nil, cache: CacheMark? = nil, extras: Extras = Extras()
    ) {
        (self.id, self.name, self.arguments, self.form) = (id, name, arguments, form)
        (self.signature, self.cache, self.extras) = (signature, cache, extras)
    }

    /// The arguments for dialects that carry them as an object. What is no object is put into one,
    /// so that the model sees again what it wrote.
    var input: JSONObject {
        if form == .custom { return ["input": .string(arguments)] }
        if arguments.utf8.allSatisfy({ $0 == 0x20 || $0 == 0x0A }) { return [:] }
        guard let value = try? JSONValue(parsing: arguments), case .object(let object) = value
        else { return ["INVALID_JSON": .string(arguments)] }
        return object
    }
}

/// What a call came to.
public struct ToolResult: Sendable, Equatable {
    public var callID: String
    public var parts: [ContentPart]
    /// Nil where nothing was said of it.
    public var isError: Bool?
    /// The tool's name, where the dialect says it again.
    public var name: String?
    public var form: ToolCall.Form
    public var cache: CacheMark?
    public var extras: Extras

    public init(
        callID: String, parts: [ContentPart], isError: Bool? = nil, name: String? = nil,
        form: ToolCall.Form = .function, cache: CacheMark? = nil, extras: Extras = Extras()
    ) {
        (self.callID, self.parts, self.isError, self.name) = (callID, parts, isError, name)
        (self.form, self.cache, self.extras) = (form, cache, extras)
    }

    /// Its texts, joined.
    public var text: String { parts.compactMap(\.text).joined() }
}

/// A tool that the model may call.
public struct ModelTool: Sendable, Equatable {
    public enum Kind: Sendable, Equatable {
        case function
        /// Takes a text of the given format (OpenAI); null for any.
        case custom(format: JSONValue)
        /// Run by the provider itself; as its dialect wrote it.
        case hosted(RawPart)
    }

    public var name: String
    public var description: String?
    /// JSON Schema of the arguments.
    public var schema: JSONValue?
    /// Whether the arguments must fit the schema; nil where nothing was said.
    public var isStrict: Bool?
    public var kind: Kind
    public var cache: CacheMark?
    public var extras: Extras

    public init(
        _ name: String, description: String? = nil, schema: JSONValue? = nil,
        isStrict: Bool? = nil, kind: Kind = .function, cache: CacheMark? = nil,
        extras: Extras = Extras()
    ) {
        (self.name, self.description, self.schema) = (name, description, schema)
        (self.isStrict, self.kind, self.cache, self.extras) = (isStrict, kind, cache, extras)
    }
}

/// Which tools the model may or must call.
public enum ToolChoice: Sendable, Equatable {
    case auto, required, none
    case tool(String)
    case other(RawPart)
}

/// A place up to which a provider is to keep the conversation in its cache.
public struct CacheMark: Sendable, Equatable {
    /// How long at least: dialects know one short time and one long one.
    public enum Lifetime: Sendable { case unsaid, short, long }
    /// Anthropic's `cache_control`, or OpenAI's `prompt_cache_breakpoint`.
    public enum Style: Sendable { case control, breakpoint }

    public var lifetime: Lifetime
    public var style: Style
    /// As it was written; empty when it was not.
    var fields: JSONObject

    public init(_ lifetime: Lifetime = .unsaid, style: Style = .control) {
        (self.lifetime, self.style, fields) = (lifetime, style, [:])
    }

    init(reading fields: JSONObject, style: Style) {
        (self.style, self.fields) = (style, fields)
        switch fields["ttl"]?.string {
        case nil: lifetime = .unsaid
        case "5m", "30m": lifetime = .short
        default: lifetime = .long
        }
    }

    /// The mark in a style, as it was written if that was in the same one.
    func value(_ wanted: Style) -> JSONValue {
        if wanted == style, !fields.isEmpty { return .object(fields) }
        var object: JSONObject =
            wanted == .control ? ["type": "ephemeral"] : ["mode": "explicit"]
        switch (lifetime, wanted) {
        case (.unsaid, _): break
        case (.short, .control): object["ttl"] = "5m"
        case (.long, .control): object["ttl"] = "1h"
        case (.short, .breakpoint): object["ttl"] = "30m"
        case (.long, .breakpoint): object["ttl"] = "12h"
        }
        return .object(object)
    }
}
