import Contracts
import MeshContract

/// What a content is kept as: whose, from which run, under which name.
struct Naming: Sendable, Equatable {
    let owner: String
    let run: String?
    let name: String
    let contentType: String
    /// Who wrote it: `agent:<name>` or `user:<id>`; nil where nobody said.
    let author: String?
    /// What makes a repeated request act once.
    let key: String

    /// Within what a version is counted: the run, and without one the owner.
    var scope: String { run.map { "run:\($0)" } ?? "owner:\(owner)" }

    /// Refuses, with every field that is at fault, what cannot be kept. `more` adds to the list.
    func check(_ more: [FieldFault] = []) throws(Fault) {
        var faults: [FieldFault] = []
        func refuse(_ pointer: String, _ message: String?) {
            if let message { faults.append(FieldFault(pointer, message)) }
        }
        refuse("/owner", DocumentName.identifierFault(owner))
        if let run { refuse("/run", DocumentName.identifierFault(run)) }
        refuse("/name", DocumentName.pathFault(name))
        refuse("/contentType", ContentType.fault(contentType))
        if let author { refuse("/author", DocumentName.identifierFault(author)) }
        refuse("/key", DocumentName.identifierFault(key))
        faults += more
        guard faults.isEmpty else {
            throw Fault(.invalid, "the document cannot be kept", fields: faults)
        }
    }
}

extension Naming {
    init(_ request: Storage.PutDocument) {
        self.init(
            owner: request.owner, run: request.run, name: request.name,
            contentType: request.contentType, author: request.author, key: request.key)
    }

    init(_ request: Storage.BeginUpload) {
        self.init(
            owner: request.owner, run: request.run, name: request.name,
            contentType: request.contentType, author: request.author, key: request.key)
    }
}

/// A document that may be kept: checked, and known by its hash.
struct Submission: Sendable {
    let naming: Naming
    let identity: Identity

    /// True when `artifact` is what this submission made when it came before.
    func isSame(as artifact: Storage.Artifact) -> Bool {
        artifact.owner == naming.owner && artifact.run == naming.run
            && artifact.name == naming.name && artifact.contentType == naming.contentType
            && artifact.author == naming.author && artifact.sha256 == identity.hash.hex
    }
}

extension Fault {
    /// One refused field.
    static func refusing(_ pointer: String, _ message: String) -> Fault {
        Fault(.invalid, "the request cannot be answered", fields: [FieldFault(pointer, message)])
    }
}
