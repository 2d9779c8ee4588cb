/// Where a file of a request may lie: below the workspace, whoever looks at the path.
enum WorkspacePath {
    static let maxBytes = 1_024
    static let maxDepth = 16

    /// What is wrong with `path`, or nil.
    static func fault(_ path: String) -> String? {
        if path.isEmpty { return "is empty" }
        if path.utf8.count > maxBytes { return "has more than \(maxBytes) bytes" }
        if path.hasPrefix("/") { return "is absolute" }
        if path.utf8.contains(where: { $0 < 32 || $0 == 127 }) {
            return "holds a control character"
        }
        let parts = path.utf8.split(separator: UInt8(ascii: "/"), omittingEmptySubsequences: false)
        if parts.count > maxDepth { return "is more than \(maxDepth) folders deep" }
        for part in parts {
            if part.isEmpty { return "has an empty part" }
            if part.allSatisfy({ $0 == UInt8(ascii: ".") }) && part.count <= 2 {
                return "holds `.` or `..`"
            }
            if part.count > 255 { return "has a part of more than 255 bytes" }
        }
        return nil
    }

    /// The index of the first path that is there already, or that another needs to be a folder.
    static func collision(_ paths: [String]) -> Int? {
        var files: Set<String> = []
        var folders: Set<String> = []
        for (index, path) in paths.enumerated() {
            if !files.insert(path).inserted || folders.contains(path) { return index }
            for folder in self.folders(of: path) {
                if files.contains(folder) { return index }
                folders.insert(folder)
            }
        }
        return nil
    }

    /// `a/b/c` lies in `a` and `a/b`.
    static func folders(of path: String) -> [String] {
        let parts = path.split(separator: "/")
        return (1..<max(parts.count, 1)).map { parts.prefix($0).joined(separator: "/") }
    }
}
