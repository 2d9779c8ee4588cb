import Contracts
import MeshContract

/// A document that may be kept: checked, and known by its hash.
struct Submission: Sendable {
    let request: Storage.PutDocument
    let hash: BlobHash

    init(_ request: Storage.PutDocument, hash: BlobHash) {
        (self.request, self.hash) = (request, hash)
    }

    var bytes: Int { request.content.count }

    /// Within what a version is counted: the run, and without one the owner.
    var scope: String { request.run.map { "run:\($0)" } ?? "owner:\(request.owner)" }

    /// True when `artifact` is what this submission made when it came before.
    func isSame(as artifact: Storage.Artifact) -> Bool {
        artifact.owner == request.owner && artifact.run == request.run
            && artifact.name == request.name && artifact.contentType == request.contentType
            && artifact.sha256 == hash.hex
    }

    /// Refuses, with every field that is at fault, what cannot be kept.
    static func check(_ request: Storage.PutDocument) throws(Fault) {
        var faults: [FieldFault] = []
        func refuse(_ pointer: String, _ message: String?) {
            if let message { faults.append(FieldFault(pointer, message)) }
        }
        refuse("/owner", DocumentName.identifierFault(request.owner))
        if let run = request.run { refuse("/run", DocumentName.identifierFault(run)) }
        refuse("/name", DocumentName.fault(request.name))
        refuse("/contentType", ContentType.fault(request.contentType))
        refuse("/key", DocumentName.identifierFault(request.key))
        if request.content.count > Storage.maxDocumentBytes {
            refuse("/content", "has more than \(Storage.maxDocumentBytes) bytes")
        }
        guard faults.isEmpty else {
            throw Fault(.invalid, "the document cannot be kept", fields: faults)
        }
    }
}

extension Fault {
    /// One refused field.
    static func refusing(_ pointer: String, _ message: String) -> Fault {
        Fault(.invalid, "the request cannot be answered", fields: [FieldFault(pointer, message)])
    }
}
