/// Why a request was not let in: what AWS would answer, and what a person can do about it.
///
/// Holds no secret, signature, expected signature or token, so all of it may be logged and shown.
package struct Refusal: Error, Sendable {
    /// The kinds of refusal; raw values are those of `sigv4-vectors.json`, continued.
    package enum Reason: String, Sendable, CaseIterable {
        case unsigned = "unsigned"
        case missingParameter = "missing-parameter"
        case malformedParameter = "malformed-parameter"
        case wrongAlgorithm = "wrong-algorithm"
        case malformedCredential = "malformed-credential"
        case hostNotSigned = "host-not-signed"
        case unknownAccessKey = "unknown-access-key"
        case wrongService = "wrong-service"
        case wrongRegion = "wrong-region"
        case scopeDateMismatch = "scope-date-mismatch"
        case expired = "expired"
        case notYetValid = "not-yet-valid"
        case tokenMissing = "token-missing"
        case tokenMismatch = "token-mismatch"
        case tokenUnexpected = "token-unexpected"
        case payloadHashMismatch = "payload-hash-mismatch"
        case signatureMismatch = "signature-mismatch"
    }

    package let reason: Reason
    /// The `message` of the answer's JSON body.
    package private(set) var awsMessage: String
    /// One or more sentences that a person can act on.
    package private(set) var explanation: String
    /// The facts behind the explanation, for machines; names in snake case, `reason` first. A name may occur more than once.
    package private(set) var fields: [(String, String)]

    init(_ reason: Reason, aws message: AWSMessage, _ explanation: String, _ fields: [(String, String)] = []) {
        self.reason = reason
        self.awsMessage = message.text
        self.explanation = explanation
        self.fields = [("reason", reason.rawValue)] + fields
    }

    init(copying other: Refusal, explanation: String, fields: [(String, String)]) {
        self.reason = other.reason
        self.awsMessage = other.awsMessage
        self.explanation = explanation
        self.fields = fields
    }

    /// The same refusal with every occurrence of a private text blotted out.
    ///
    /// No sentence quotes one on purpose; this is for requests that carry a secret in the wrong place, such as a secret
    /// access key where the key id belongs.
    func withoutPrivate(_ texts: [String]) -> Refusal {
        var refusal = self
        for text in texts {
            refusal.awsMessage = refusal.awsMessage.replacing(text, with: "(hidden)")
            refusal.explanation = refusal.explanation.replacing(text, with: "(hidden)")
            refusal.fields = refusal.fields.map { ($0.0, $0.1.replacing(text, with: "(hidden)")) }
        }
        return refusal
    }
}

/// The answer to a request: let in, turned away, or not looked at.
package enum Verdict: Sendable {
    /// - Parameters:
    ///   - principal: the access key id.
    ///   - notes: where the service would have answered differently, and with what.
    case accepted(principal: String, notes: [String])
    case refused(Refusal)
    /// The policy is `off`.
    case notChecked
}

/// Texts from a request, made fit to be shown in one line: printable ASCII, cut at 80 characters.
enum Quoted {
    static func text(_ text: String) -> String {
        var bytes: [UInt8] = []
        for byte in text.utf8.prefix(80) {
            bytes.append(byte >= 0x20 && byte < 0x7f && byte != UInt8(ascii: "\"") ? byte : UInt8(ascii: "?"))
        }
        return String(decoding: bytes, as: UTF8.self) + (text.utf8.count > 80 ? "..." : "")
    }

    static func quoted(_ text: String) -> String { "'\(Quoted.text(text))'" }

    /// `a`, `a or b`, `a, b or c`, each in quotes.
    static func list(_ texts: [String], _ word: String = "or") -> String {
        let quoted = texts.map(Quoted.quoted)
        guard let last = quoted.last, quoted.count > 1 else { return quoted.first ?? "" }
        return quoted.dropLast().joined(separator: ", ") + " \(word) " + last
    }

    /// `61 s`, `10 min`, `2 h 5 min`, `3 d 4 h`.
    static func age(seconds: Int64) -> String {
        let (minutes, hours, days) = (seconds / 60, seconds / 3600, seconds / 86400)
        if seconds < 120 { return "\(seconds) s" }
        if minutes < 60 { return seconds % 60 == 0 ? "\(minutes) min" : "\(minutes) min \(seconds % 60) s" }
        if hours < 48 { return minutes % 60 == 0 ? "\(hours) h" : "\(hours) h \(minutes % 60) min" }
        return hours % 24 == 0 ? "\(days) d" : "\(days) d \(hours % 24) h"
    }
}
