public import Contracts

/// How a session's document is kept, by its run and by a person's edit after it.
public enum StoredDocument {
    public static func put(
        _ text: String, owner: String, run: String, key: String
    ) -> Storage.PutDocument {
        Storage.PutDocument(
            owner: owner, run: run, name: "document.md",
            contentType: "text/markdown; charset=utf-8", content: Array(text.utf8), key: key)
    }
}
