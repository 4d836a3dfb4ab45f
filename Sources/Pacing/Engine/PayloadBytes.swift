import JSON

/// The bytes of a publish at the moment it is made.
enum PayloadBytes {
    /// - Parameter version: to be written into a JSON object.
    /// - Parameter stamp: the clientToken for a shadow request without one; nil where causes are known.
    /// - Parameter token: the clientToken the request ends up with, looked for only where it is needed.
    static func make(
        _ publication: Publication, step: Step, seed: UInt64, values: some LateValues, version: Int64?, stamp: String?, token: inout String?
    ) throws(MissingVariable) -> [UInt8] {
        var bytes: [UInt8]
        switch publication.payload {
        case .bytes(let fixed):
            bytes = fixed
        case .lateText(let text):
            bytes = Array(try LateText.filledText(text, from: values).utf8)
        case .json(let value, let isLate):
            var value = isLate ? try LateText.filled(value, from: values) : value
            if let version, case .object(var document) = value {
                document["version"] = .number(JSONNumber(version))
                value = .object(document)
            }
            bytes = value.utf8
        case .seeded(let count):
            var draw = Draw(seed: seed, purpose: "payload", step: step.id, attempt: 1)
            bytes = draw.bytes(count)
        }
        guard let stamp, publication.shadow != nil else { return bytes }
        // An empty get or delete is a JSON object in all but name.
        let parsed = bytes.isEmpty ? JSONValue.object(JSONObject()) : try? JSONValue(parsing: bytes)
        guard case .object(var document)? = parsed else { return bytes }
        if let written = document["clientToken"] {
            token = written.string
        } else if publication.stampsToken {
            let short = Self.shortened(stamp)
            token = short
            document["clientToken"] = .string(short)
            bytes = JSONValue.object(document).utf8
        }
        return bytes
    }

    /// A clientToken has at most 64 bytes; the end tells steps apart, so the beginning goes.
    private static func shortened(_ token: String) -> String {
        token.utf8.count <= 64 ? token : String(decoding: Array(token.utf8.suffix(64)), as: UTF8.self)
    }
}
