import Console

/// A command line after its verb: words, and flags with or without a value.
///
/// `Console.Flags` fills a struct for one call; this knows words between flags, switches that take
/// no value, and flags that may be given several times.
struct Arguments: Sendable, Equatable {
    private(set) var words: [String] = []
    private var values: [String: [String]] = [:]

    /// Refuses flags that are neither in `values` nor in `switches`, by name.
    init(
        _ arguments: [String], values known: [String] = [], switches: [String] = []
    ) throws(UsageError) {
        var rest = arguments[...]
        while let argument = rest.popFirst() {
            guard argument.hasPrefix("--"), argument.count > 2 else {
                if argument.hasPrefix("-"), argument.count > 1, argument != "--" {
                    throw UsageError("\(argument) is not known here; flags begin with --")
                }
                words += argument == "--" ? Array(rest) : [argument]
                if argument == "--" { break }
                continue
            }
            let parts = argument.dropFirst(2).split(
                separator: "=", maxSplits: 1, omittingEmptySubsequences: false)
            let name = String(parts[0])
            if switches.contains(name) {
                guard parts.count == 1 else { throw UsageError("--\(name) takes no value") }
                values[name] = ["true"]
            } else if known.contains(name) {
                guard let value = parts.count == 2 ? String(parts[1]) : rest.popFirst() else {
                    throw UsageError("--\(name) needs a value")
                }
                values[name, default: []].append(value)
            } else {
                let list = (known + switches).map { "--\($0)" }.joined(separator: " ")
                throw UsageError("--\(name) is not known here; there is \(list)")
            }
        }
    }

    func has(_ name: String) -> Bool { values[name] != nil }
    func all(_ name: String) -> [String] { values[name] ?? [] }

    /// The flag's one value; nil when it is not given.
    func value(_ name: String) throws(UsageError) -> String? {
        let all = all(name)
        guard all.count <= 1 else { throw UsageError("--\(name) is given twice") }
        return all.first
    }

    func integer(_ name: String, in range: ClosedRange<Int>) throws(UsageError) -> Int? {
        guard let text = try value(name) else { return nil }
        guard let number = Int(text), range.contains(number) else {
            throw UsageError(
                "--\(name) takes a number from \(range.lowerBound) to \(range.upperBound), "
                    + "not \"\(text)\"")
        }
        return number
    }

    func decimal(_ name: String, in range: ClosedRange<Double>) throws(UsageError) -> Double? {
        guard let text = try value(name) else { return nil }
        guard let number = Double(text), range.contains(number) else {
            throw UsageError(
                "--\(name) takes a number from \(range.lowerBound) to \(range.upperBound), "
                    + "not \"\(text)\"")
        }
        return number
    }

    /// Exactly one word, called `what` in the message.
    func word(_ what: String) throws(UsageError) -> String {
        guard let word = words.first, !word.isEmpty else { throw UsageError("which \(what)?") }
        guard words.count == 1 else {
            throw UsageError("one \(what), not \(words.count): \(words.joined(separator: " "))")
        }
        return word
    }

    func noWords() throws(UsageError) {
        if let word = words.first { throw UsageError("\"\(word)\" is not expected here") }
    }
}
