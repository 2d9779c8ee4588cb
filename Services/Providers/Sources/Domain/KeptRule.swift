import Dialects

/// What a request of OpenAI's responses may not stand on here.
enum KeptRule {
    /// What stands for something that OpenAI keeps, and nobody here: left out, a conversation
    /// would lose its beginning in silence.
    static func check(_ asked: ModelRequest) throws(InvalidRequest) {
        for name in ["previous_response_id", "conversation", "prompt"] {
            guard let value = asked.extras[.responses][name], !value.isNull else { continue }
            throw InvalidRequest(
                .key(.root, name),
                .other("nothing is kept here between requests; send all of it as input"))
        }
        if asked.extras[.responses]["background"]?.bool == true {
            throw InvalidRequest(
                .key(.root, "background"), .other("an answer is given here while one waits for it"))
        }
    }
}
