/// Lists of models as we serve them: `GET /v1/models`, in the form that the client expects.
public enum ServedModels {
    /// OpenAI's form.
    public static func openAI(_ models: [ListedModel]) -> [UInt8] {
        JSONValue.object([
            "object": "list", "data": .array(models.map { .object(openAICard($0)) }),
        ]).bytes
    }

    public static func openAI(_ model: ListedModel) -> [UInt8] {
        JSONValue.object(openAICard(model)).bytes
    }

    private static func openAICard(_ model: ListedModel) -> JSONObject {
        [
            "id": .string(model.id), "object": "model", "created": JSONValue(model.created ?? 0),
            "owned_by": .string(model.owner ?? "atelier"),
        ]
    }

    /// Anthropic's form: a page of the list, which a client asks for by the last name it has seen.
    public static func anthropic(
        _ models: [ListedModel], after: String? = nil, limit: Int = 20
    ) -> [UInt8] {
        var rest = models[...]
        if let after, let place = models.firstIndex(where: { $0.id == after }) {
            rest = models[(place + 1)...]
        }
        let page = rest.prefix(min(max(limit, 1), 1_000))
        return JSONValue.object([
            "data": .array(page.map { .object(anthropicCard($0)) }),
            "has_more": .bool(rest.count > page.count),
            "first_id": page.first.map { .string($0.id) } ?? .null,
            "last_id": page.last.map { .string($0.id) } ?? .null,
        ]).bytes
    }

    public static func anthropic(_ model: ListedModel) -> [UInt8] {
        JSONValue.object(anthropicCard(model)).bytes
    }

    private static func anthropicCard(_ model: ListedModel) -> JSONObject {
        var object: JSONObject = [
            "type": "model", "id": .string(model.id),
            "display_name": .string(model.title ?? model.id),
            "created_at": .string(UTCTime.text(model.created ?? 0)), "lifecycle": "active",
        ]
        object.set("max_input_tokens", model.inputTokens)
        object.set("max_tokens", model.outputTokens)
        return object
    }
}

/// A moment as RFC 3339 writes it.
enum UTCTime {
    static func text(_ seconds: Int) -> String {
        let seconds = min(max(seconds, 0), 253_402_300_799)
        let days = seconds / 86_400
        // Years that begin in March have the leap day at their end (H. Hinnant, civil_from_days).
        let shifted = days + 719_468
        let era = shifted / 146_097
        let dayOfEra = shifted - era * 146_097
        let year =
            (dayOfEra - dayOfEra / 1_460 + dayOfEra / 36_524 - dayOfEra / 146_096) / 365
        let dayOfYear = dayOfEra - (365 * year + year / 4 - year / 100)
        let shiftedMonth = (5 * dayOfYear + 2) / 153
        let day = dayOfYear - (153 * shiftedMonth + 2) / 5 + 1
        let month = shiftedMonth < 10 ? shiftedMonth + 3 : shiftedMonth - 9
        let time = seconds % 86_400
        func two(_ number: Int) -> String { number < 10 ? "0\(number)" : "\(number)" }
        let date = "\(year + era * 400 + (month <= 2 ? 1 : 0))-\(two(month))-\(two(day))"
        return "\(date)T\(two(time / 3_600)):\(two(time / 60 % 60)):\(two(time % 60))Z"
    }
}
