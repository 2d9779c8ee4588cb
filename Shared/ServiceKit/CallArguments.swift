import Console

/// Tells the flags of `call` itself from those of the method.
enum CallArguments {
    /// Takes `--data <folder>` or `--data=<folder>` out; the rest is the method's.
    static func split(
        _ arguments: [String]
    ) throws(UsageError) -> (folder: String?, rest: [String]) {
        var folder: String?
        var rest: [String] = []
        var left = arguments[...]
        while let argument = left.popFirst() {
            let value: String?
            if argument == "--data" {
                value = left.popFirst()
            } else if argument.hasPrefix("--data=") {
                value = String(argument.dropFirst("--data=".count))
            } else {
                rest.append(argument)
                continue
            }
            guard folder == nil else { throw UsageError("--data is given twice") }
            guard let value, !value.isEmpty, !value.hasPrefix("--") else {
                throw UsageError("--data needs a folder")
            }
            folder = value
        }
        return (folder, rest)
    }
}
