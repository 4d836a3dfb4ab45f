import HTTPTypes
import Hummingbird
import JSON
import NIOCore
import SigV4

extension HTTPField.Name {
    /// Field names that HTTPTypes does not know; `nil` would be a misspelt constant, so `init?` is resolved here once.
    static func known(_ name: String) -> HTTPField.Name {
        guard let known = HTTPField.Name(name) else { preconditionFailure("'\(name)' is no field name") }
        return known
    }

    static let explanation = HTTPField.Name.known(RefusalResponse.explanationHeader)
    static let amazonErrorType = HTTPField.Name.known("x-amzn-ErrorType")
    static let amazonRequestID = HTTPField.Name.known("x-amzn-RequestId")
}

extension Response {
    /// A page of plain text.
    static func text(_ status: HTTPResponse.Status, _ text: String) -> Response {
        .bytes(status, Array(text.utf8), type: "text/plain; charset=utf-8")
    }

    static func html(_ text: String) -> Response {
        .bytes(.ok, Array(text.utf8), type: "text/html; charset=utf-8")
    }

    static func json(_ status: HTTPResponse.Status, _ value: JSONValue) -> Response {
        .bytes(status, Array((value.pretty() + "\n").utf8), type: "application/json")
    }

    /// A document in the service's shape: one line.
    static func document(_ value: JSONValue) -> Response {
        .bytes(.ok, value.utf8, type: "application/json")
    }

    /// An error in the service's shape.
    static func problem(_ exception: ServiceException, message: String, explanation: String) -> Response {
        .refusal(ServiceError(exception, message, explanation: explanation), traceID: TraceID.fresh())
    }

    /// `{"message":…,"traceId":…}`, with our explanation in its own field.
    static func refusal(_ error: ServiceError, traceID: String) -> Response {
        var body: JSONObject = ["message": .string(error.message), "traceId": .string(traceID)]
        for fact in error.facts { body[fact.name] = fact.value }
        var response = Response.bytes(error.exception.status, JSONValue.object(body).utf8, type: "application/json")
        response.headers[.amazonErrorType] = error.exception.name + ":"
        response.headers[.amazonRequestID] = traceID
        response.headers[.explanation] = String(error.explanation.map { $0.isASCII && $0 >= " " && $0 != "\u{7F}" ? $0 : "?" })
        if error.closesConnection { response.headers[.connection] = "close" }
        if error.exception == .unauthorized { response.headers[.wwwAuthenticate] = "Bearer" }
        if !error.allowedMethods.isEmpty {
            response.headers[.allow] = (error.allowedMethods.map(\.rawValue) + ["OPTIONS"]).joined(separator: ", ")
        }
        return response
    }

    /// The answer to a signature that is not accepted.
    static func refusal(_ refusal: Refusal, traceID: String) -> Response {
        let answer = RefusalResponse(refusal, traceID: traceID)
        var response = Response.bytes(.forbidden, answer.body, type: "application/json")
        for (name, value) in answer.headers {
            if let name = HTTPField.Name(name) { response.headers[name] = value }
        }
        return response
    }

    static func bytes(_ status: HTTPResponse.Status, _ bytes: [UInt8], type: String) -> Response {
        Response(
            status: status, headers: [.contentType: type, .contentLength: "\(bytes.count)"],
            body: .init(byteBuffer: ByteBuffer(bytes: bytes)))
    }
}
