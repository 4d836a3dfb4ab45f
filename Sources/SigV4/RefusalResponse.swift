/// The HTTP answer to a refused request, as the service gives it, plus our explanation in a header of its own.
///
/// The caller adds `date` and `content-length`. Source: `sigv4-websocket.md` §8.
package struct RefusalResponse: Sendable {
    /// Always 403 Forbidden.
    package let status = 403
    /// In the order to be written; names in lower case except where the service writes them otherwise.
    package let headers: [(String, String)]
    /// `{"message":"…","traceId":"…"}`.
    package let body: [UInt8]

    /// The header that carries the explanation.
    package static let explanationHeader = "x-sundial-explanation"
    /// What a page's script may read of the answer.
    package static let exposedHeaders = "x-amzn-ErrorMessage, x-amzn-RequestId, x-amzn-ErrorType, Date, x-sundial-explanation"

    /// - Parameter traceID: a UUID in text, made by the caller; the same in the body and in `x-amzn-RequestId`.
    package init(_ refusal: Refusal, traceID: String) {
        self.headers = [
            ("content-type", "application/json"),
            ("x-amzn-ErrorType", "ForbiddenException:"),
            ("x-amzn-RequestId", traceID),
            ("access-control-allow-origin", "*"),
            ("access-control-expose-headers", RefusalResponse.exposedHeaders),
            (RefusalResponse.explanationHeader, refusal.headerSafeExplanation),
        ]
        self.body = Array(
            "{\"message\":\"\(RefusalResponse.escaped(refusal.awsMessage))\",\"traceId\":\"\(RefusalResponse.escaped(traceID))\"}".utf8)
    }

    private static func escaped(_ text: String) -> String {
        var escaped = ""
        for scalar in text.unicodeScalars {
            switch scalar {
            case "\"": escaped += "\\\""
            case "\\": escaped += "\\\\"
            case _ where scalar.value < 0x20: escaped += " "
            default: escaped.unicodeScalars.append(scalar)
            }
        }
        return escaped
    }
}

extension Refusal {
    /// The explanation as one line of printable ASCII, at most 1000 bytes, fit for a header field.
    package var headerSafeExplanation: String {
        var bytes: [UInt8] = []
        for scalar in self.explanation.unicodeScalars {
            switch scalar {
            case "…": bytes.append(contentsOf: "...".utf8)
            case _ where scalar.value >= 0x20 && scalar.value < 0x7f: bytes.append(UInt8(scalar.value))
            case _ where scalar.value <= 0x20: bytes.append(UInt8(ascii: " "))
            default: bytes.append(UInt8(ascii: "?"))
            }
        }
        return String(decoding: bytes.prefix(1000), as: UTF8.self)
    }
}
